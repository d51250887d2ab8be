import type { Estimate, Metric } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsPerByte, perplexity, type TokenLoss, tokenLoss } from '../src/index.js';
import { golden } from './golden.js';

const observations: TokenLoss[] = golden.language.loss.map((loss, i) => ({
  loss,
  tokens: golden.language.tokens[i],
  bytes: golden.language.bytes[i],
}));

function measure<S>(metric: Metric<TokenLoss, S>, all: readonly TokenLoss[]): Estimate {
  return metric.value(all.reduce((s, o) => metric.add(s, o), metric.empty()));
}

describe('numpy', () => {
  it.each([
    ['loss', tokenLoss(), golden.language.meanLoss],
    ['perplexity', perplexity(), golden.language.perplexity],
    ['bits per byte', bitsPerByte(), golden.language.bitsPerByte],
  ] as const)('%s and its standard error', (_, metric, [value, error, bootstrap]) => {
    const estimate = measure(metric, observations);
    expect(estimate.value / value).toBeCloseTo(1, 10);
    expect(estimate.standardError! / error).toBeCloseTo(1, 8);
    expect(estimate.count).toBe(observations.length);
    // The formula is asymptotic: numpy's bootstrap over 80 documents is to agree within a few per cent.
    if (bootstrap !== undefined) {
      expect(Math.abs(estimate.standardError! / bootstrap - 1)).toBeLessThan(0.05);
    }
  });
});

describe('properties', () => {
  it('parts merged equal the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: observations.length }), (cut) => {
        for (const metric of [tokenLoss(), perplexity(), bitsPerByte()]) {
          const fold = (some: readonly TokenLoss[]): ReturnType<typeof metric.empty> =>
            some.reduce((s, o) => metric.add(s, o), metric.empty());
          const merged = metric.value(
            metric.merge(fold(observations.slice(0, cut)), fold(observations.slice(cut))),
          );
          const whole = measure(metric, observations);
          expect(merged.value / whole.value).toBeCloseTo(1, 12);
          expect(merged.standardError! / whole.standardError!).toBeCloseTo(1, 9);
          expect(merged.count).toBe(whole.count);
        }
      }),
    );
  });

  it('a uniform model over V tokens has perplexity V, with no uncertainty', () => {
    const uniform = [3, 10, 7].map((tokens) => ({ loss: tokens * Math.log(50), tokens }));
    const { value, standardError } = measure(perplexity(), uniform);
    expect(value).toBeCloseTo(50, 10);
    expect(standardError!).toBeLessThan(1e-5);
  });

  it('one document has no standard error', () => {
    expect(measure(perplexity(), observations.slice(0, 1)).standardError).toBeUndefined();
  });
});

describe('bad input', () => {
  it.each([
    [
      'a NaN loss',
      () => measure(perplexity(), [{ loss: Number.NaN, tokens: 3 }]),
      'eval/non-finite',
    ],
    [
      'bits without bytes',
      () => measure(bitsPerByte(), [{ loss: 2, tokens: 3 }]),
      'eval/non-finite',
    ],
    ['nothing', () => measure(perplexity(), []), 'eval/empty'],
    ['no token', () => measure(perplexity(), [{ loss: 0, tokens: 0 }]), 'eval/empty'],
    [
      'a loss too large for exp',
      () => measure(perplexity(), [{ loss: 1000, tokens: 1 }]),
      'eval/non-finite',
    ],
  ])('%s', (_, act, code) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
