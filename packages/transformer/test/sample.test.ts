import { fold, rngKey } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type SamplingOptions, sampleToken, tokenProbabilities } from '../src/index.js';
import { goldenJson } from './golden.js';

interface Case {
  readonly options: Readonly<Record<string, number>>;
  readonly processors: readonly string[];
  readonly logits: readonly number[];
  readonly history: readonly number[];
  readonly probabilities: readonly number[];
}

/** Our names for transformers' options. */
function ours(options: Readonly<Record<string, number>>): SamplingOptions {
  const camel = (name: string): string => name.replace(/_(.)/g, (_, c: string) => c.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

describe('tokenProbabilities', () => {
  it.each(goldenJson<Case[]>('sampling.json'))('as transformers with $options', (golden) => {
    const found = tokenProbabilities(golden.logits, ours(golden.options), golden.history);
    for (const [id, expected] of golden.probabilities.entries()) {
      expect(found[id] === 0, `token ${id}`).toBe(expected === 0);
      expect(Math.abs(found[id] - expected)).toBeLessThan(1e-12);
    }
  });

  it('is all on the most likely token at temperature 0, after the repetition penalty', () => {
    expect([...tokenProbabilities([1, 3, 2], { temperature: 0 })]).toEqual([0, 1, 0]);
    const options = { temperature: 0, repetitionPenalty: 2 };
    expect([...tokenProbabilities([1, 3, 2], options, [1])]).toEqual([0, 0, 1]);
  });

  it('never empties: the most likely token survives every filter', () => {
    const options = { topK: 1, topP: 1e-9, minP: 1, temperature: 0.01 };
    expect([...tokenProbabilities([0, 0.5, 0.1], options)]).toEqual([0, 1, 0]);
  });
});

describe('sampleToken', () => {
  it('draws each token as often as it is likely', () => {
    const logits = [0, 1, 2, Number.NEGATIVE_INFINITY, -1];
    const expected = tokenProbabilities(logits);
    const counts = new Float64Array(5);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[sampleToken(logits, {}, fold(rngKey(1), i))]++;
    for (const [id, probability] of expected.entries()) {
      const deviation = Math.sqrt((probability * (1 - probability)) / draws);
      expect(Math.abs(counts[id] / draws - probability)).toBeLessThanOrEqual(4 * deviation);
    }
    expect(counts[3]).toBe(0);
  });

  it('is a pure function of its arguments', () => {
    const logits = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
    const copy = logits.slice();
    const first = sampleToken(logits, { topP: 0.9, repetitionPenalty: 1.5 }, rngKey(9), [1, 2]);
    expect(sampleToken(logits, { topP: 0.9, repetitionPenalty: 1.5 }, rngKey(9), [1, 2])).toBe(
      first,
    );
    expect(logits).toEqual(copy);
  });

  it.each([
    { temperature: -1 },
    { temperature: Number.NaN },
    { topK: 1.5 },
    { topK: -1 },
    { topP: 0 },
    { topP: 1.1 },
    { minP: -0.1 },
    { minP: 2 },
    { repetitionPenalty: 0 },
    { repetitionPenalty: Number.POSITIVE_INFINITY },
  ])('refuses %j', (options) => {
    expect(() => sampleToken([1, 2], options, rngKey(0))).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });

  it.each([
    [[1, Number.NaN]],
    [[1, Number.POSITIVE_INFINITY]],
    [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    [[]],
  ])('refuses the logits %j', (logits) => {
    for (const temperature of [0, 1])
      expect(() => sampleToken(logits, { temperature }, rngKey(0))).toThrow(
        expect.objectContaining({ code: 'transformer/logits' }),
      );
  });
});
