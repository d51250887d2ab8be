import { evaluate } from '@heddle/eval';
import { expect, it } from 'vitest';
import { editSimilarity } from '../src/index.js';

const pairs = [
  { expected: 'kitten', predicted: 'sitting' }, // 3 edits of 7
  { expected: 'loom', predicted: 'loom' },
  { expected: '', predicted: 'weft' }, // nothing in common
  { expected: '', predicted: '' },
  { expected: 'a🧵b', predicted: 'ab' }, // 1 code point of 3
];
const similarities = [1 - 3 / 7, 1, 0, 1, 2 / 3];
const metric = editSimilarity();
const stateOf = (some: typeof pairs) => some.reduce(metric.add, metric.empty());

it.each(pairs.map((pair, i) => ({ ...pair, wanted: similarities[i] })))(
  '"$expected" and "$predicted"',
  ({ wanted, ...pair }) => {
    expect(metric.value(stateOf([pair])).value).toBeCloseTo(wanted, 12);
    const swapped = { expected: pair.predicted, predicted: pair.expected };
    expect(metric.value(stateOf([swapped])).value).toBeCloseTo(wanted, 12);
  },
);

it('is the mean, with its standard error', () => {
  const n = similarities.length;
  const mean = similarities.reduce((a, b) => a + b) / n;
  const variance = similarities.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const { value, standardError, count } = metric.value(stateOf(pairs));
  expect(count).toBe(n);
  expect(value).toBeCloseTo(mean, 12);
  expect(standardError).toBeCloseTo(Math.sqrt(variance / n), 12);
  expect(metric.value(stateOf(pairs.slice(0, 1))).standardError).toBeUndefined();
});

it('merges any two parts to the whole, and leaves them as they were', () => {
  const whole = metric.value(stateOf(pairs));
  for (let cut = 0; cut <= pairs.length; cut++) {
    const parts = [stateOf(pairs.slice(0, cut)), stateOf(pairs.slice(cut))];
    const before = structuredClone(parts);
    const { value, standardError, count } = metric.value(metric.merge(parts[0], parts[1]));
    expect(count).toBe(whole.count);
    expect(value).toBeCloseTo(whole.value, 12);
    expect(standardError).toBeCloseTo(whole.standardError ?? Number.NaN, 12);
    expect(parts).toEqual(before);
  }
});

it('is a metric of an evaluation', async () => {
  const task = {
    name: 'words',
    async *examples() {
      yield* pairs;
    },
    expected: ({ expected }: (typeof pairs)[number]) => expected,
  };
  const answer = (examples: readonly (typeof pairs)[number][]) => examples.map((x) => x.predicted);
  const { estimates } = await evaluate({ task, answer, metrics: [metric], batchSize: 2 });
  expect(estimates['part-name']).toEqual(metric.value(stateOf(pairs)));
});

it('has no value before the first observation', () => {
  expect(() => metric.value(metric.empty())).toThrow(/nothing was observed/);
});
