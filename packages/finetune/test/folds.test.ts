import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossValidate, stratifiedKFold } from '../src/index.js';
import { codeOf } from './parts.js';

const k = fc.integer({ min: 2, max: 6 });
const labelled = fc
  .tuple(k, fc.array(fc.integer({ min: 6, max: 25 }), { minLength: 1, maxLength: 4 }), fc.nat())
  .chain(([folds, counts, seed]) =>
    fc
      .shuffledSubarray(
        counts.flatMap((count, label) => new Array<string>(count).fill(`label ${label}`)),
        { minLength: counts.reduce((a, b) => a + b, 0) },
      )
      .map((labels) => ({ folds, labels, seed })),
  );

const countsOf = (labels: readonly string[], places: readonly number[]): Map<string, number> => {
  const counts = new Map([...new Set(labels)].map((label) => [label, 0]));
  for (const i of places) counts.set(labels[i], counts.get(labels[i])! + 1);
  return counts;
};

describe('stratifiedKFold', () => {
  it('tests every example once, trains on all others, and spreads labels and sizes evenly', () => {
    fc.assert(
      fc.property(labelled, ({ folds: n, labels, seed }) => {
        const folds = stratifiedKFold(labels, n, { seed });
        expect(folds).toHaveLength(n);
        const all = labels.map((_, i) => i);
        expect(folds.flatMap(({ test }) => test).sort((a, b) => a - b)).toEqual(all);
        for (const { train, test } of folds) {
          expect([...train, ...test].sort((a, b) => a - b)).toEqual(all);
        }
        for (const label of new Set(labels)) {
          const counts = folds.map(({ test }) => countsOf(labels, test).get(label)!);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        const sizes = folds.map(({ test }) => test.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is a function of the seed', () => {
    const labels = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 'a' : 'b'));
    expect(stratifiedKFold(labels, 5, { seed: 1 })).toEqual(
      stratifiedKFold(labels, 5, { seed: 1 }),
    );
    expect(stratifiedKFold(labels, 5, { seed: 1 })).not.toEqual(
      stratifiedKFold(labels, 5, { seed: 2 }),
    );
  });

  it('keeps groups together', () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: 2, max: 5 }), ({ folds: n, labels, seed }, size) => {
        // Groups of `size` examples of one label, as paragraphs of one document.
        const seen = new Map<string, number>();
        const groups = labels.map((label) => {
          const count = seen.get(label) ?? 0;
          seen.set(label, count + 1);
          return `${label}/${Math.floor(count / size)}`;
        });
        const fewest = Math.min(...[...seen.values()].map((count) => Math.ceil(count / size)));
        fc.pre(fewest >= n);
        const folds = stratifiedKFold(labels, n, { seed, groups });
        expect(folds.flatMap(({ test }) => test).sort((a, b) => a - b)).toEqual(
          labels.map((_, i) => i),
        );
        for (const { train, test } of folds) {
          const held = new Set(test.map((i) => groups[i]));
          expect(train.some((i) => held.has(groups[i]))).toBe(false);
          // Whole groups, so as even as one group of each label allows.
          for (const [label, count] of countsOf(labels, test)) {
            const total = seen.get(label)!;
            expect(Math.abs(count - total / n)).toBeLessThanOrEqual(size);
          }
        }
      }),
    );
  });

  it('deals groups of mixed labels as evenly as they go', () => {
    // 40 documents of 5 to 8 paragraphs, a third of them spam.
    const labels: string[] = [];
    const groups: string[] = [];
    for (let document = 0; document < 40; document++) {
      for (let i = 0; i < 5 + (document % 4); i++) {
        labels.push((document + i) % 3 === 0 ? 'spam' : 'ham');
        groups.push(`document ${document}`);
      }
    }
    const total = labels.filter((label) => label === 'spam').length;
    for (const { test } of stratifiedKFold(labels, 4, { groups })) {
      expect(Math.abs(countsOf(labels, test).get('spam')! - total / 4)).toBeLessThan(4);
      expect(Math.abs(test.length - labels.length / 4)).toBeLessThan(9);
    }
  });

  it.each([
    ['k of 1', () => stratifiedKFold(['a', 'b'], 1), 'invalid-argument'],
    ['no labels', () => stratifiedKFold([], 2), 'finetune/no-examples'],
    [
      'k above the smallest label',
      () => stratifiedKFold(['a', 'a', 'a', 'b', 'b'], 3),
      'finetune/too-few-examples',
    ],
    [
      'k above the groups of a label',
      () => stratifiedKFold(['a', 'a', 'b', 'b'], 2, { groups: ['x', 'y', 'z', 'z'] }),
      'finetune/too-few-examples',
    ],
    ['a group short', () => stratifiedKFold(['a', 'a'], 2, { groups: ['x'] }), 'invalid-argument'],
  ])('refuses %s', (_, act, code) => {
    expect(codeOf(act)).toBe(code);
  });
});

describe('crossValidate', () => {
  const folds = stratifiedKFold(['a', 'a', 'a', 'a', 'a', 'a'], 3);

  it('gives each fold, the mean, and its standard error', async () => {
    const scores = [0.5, 0.7, 0.9];
    const freed: number[] = [];
    const result = await crossValidate({
      folds,
      fit: (fold, index) => ({ trained: fold.train.length, index }),
      evaluate: ({ trained, index }, { test }) => ({
        score: scores[index],
        size: trained + test.length,
      }),
      onFold: (_, { index }) => void freed.push(index),
    });
    expect(result.folds.map(({ score }) => score)).toEqual(scores);
    expect(result.estimates.score.value).toBeCloseTo(0.7, 12);
    expect(result.estimates.score.standardError).toBeCloseTo(0.2 / Math.sqrt(3), 12);
    expect(result.estimates.size).toEqual({ value: 6, standardError: 0, count: 3 });
    expect(freed).toEqual([0, 1, 2]);
  });

  it('refuses one fold, other metrics, and numbers that are none', async () => {
    const fit = (): null => null;
    const refused = { code: 'invalid-argument' };
    await expect(
      crossValidate({ folds: folds.slice(1, 2), fit, evaluate: () => ({}) }),
    ).rejects.toMatchObject(refused);
    await expect(
      crossValidate({
        folds,
        fit,
        evaluate: (_, __, i): Record<string, number> => (i === 0 ? { a: 1 } : { b: 1 }),
      }),
    ).rejects.toMatchObject(refused);
    await expect(
      crossValidate({ folds, fit, evaluate: () => ({ a: Number.NaN }) }),
    ).rejects.toMatchObject(refused);
    await expect(
      crossValidate({ folds, fit, evaluate: () => ({}), signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
  });
});
