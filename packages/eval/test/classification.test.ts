import type { Estimate, Metric } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  accuracyOf,
  confusionMatrix,
  macroF1,
  macroF1Of,
  majorityBaseline,
  matthewsCorrelation,
  mcnemar,
  microF1,
  type Prediction,
  pairedBootstrap,
  precisionRecallF1,
} from '../src/index.js';
import { golden } from './golden.js';

const pair = (expected: readonly string[], predicted: readonly string[]): Prediction[] =>
  expected.map((label, i) => ({ expected: label, predicted: predicted[i] }));

function measure<O, S>(metric: Metric<O, S>, observations: readonly O[]): Estimate {
  return metric.value(observations.reduce((s, o) => metric.add(s, o), metric.empty()));
}

describe.each(Object.entries(golden.classification))('scikit-learn: %s', (_, g) => {
  const predictions = pair(g.expected, g.predicted);
  const { labels } = g;

  it('counts the confusion matrix', () => {
    expect([...confusionMatrix(predictions, labels).counts]).toEqual(g.confusion.flat());
  });

  it('gives precision, recall, F1 and support of each label', () => {
    const scores = precisionRecallF1(confusionMatrix(predictions, labels));
    scores.forEach((score, i) => {
      expect(score.label).toBe(labels[i]);
      expect(score.precision).toBeCloseTo(g.precision[i], 12);
      expect(score.recall).toBeCloseTo(g.recall[i], 12);
      expect(score.f1).toBeCloseTo(g.f1[i], 12);
      expect(score.support).toBe(g.support[i]);
    });
  });

  it('gives accuracy with its binomial standard error', () => {
    const { value, standardError, count } = measure(accuracy(), predictions);
    expect(value).toBeCloseTo(g.accuracy, 12);
    expect(standardError).toBeCloseTo(g.accuracyError, 12);
    expect(count).toBe(predictions.length);
  });

  it('gives macro-F1, micro-F1 and the Matthews correlation', () => {
    const only = labels.slice(0, 2);
    expect(measure(macroF1({ labels }), predictions).value).toBeCloseTo(g.macroF1, 12);
    expect(measure(microF1({ labels }), predictions).value).toBeCloseTo(g.microF1, 12);
    expect(measure(macroF1({ labels, only }), predictions).value).toBeCloseTo(
      g.firstTwoMacroF1,
      12,
    );
    expect(measure(microF1({ labels, only }), predictions).value).toBeCloseTo(
      g.firstTwoMicroF1,
      12,
    );
    expect(measure(matthewsCorrelation({ labels }), predictions).value).toBeCloseTo(g.matthews, 12);
  });

  it('estimates the standard error of macro-F1 as numpy resampling does', () => {
    // 20,000 resamples each: each estimate is within 0.5% of the truth (one sigma).
    const bootstrap = { samples: 20_000, seed: 5 };
    const { standardError } = measure(macroF1({ labels, bootstrap }), predictions);
    expect(standardError! / g.macroF1Error).toBeGreaterThan(0.975);
    expect(standardError! / g.macroF1Error).toBeLessThan(1.025);
  });

  it("has McNemar's exact p-value", () => {
    const result = mcnemar({ expected: g.expected, a: g.predicted, b: g.rival });
    expect(result.onlyA).toBe(g.mcnemar.onlyA);
    expect(result.onlyB).toBe(g.mcnemar.onlyB);
    expect(result.pValue).toBeCloseTo(g.mcnemar.pValue, 10);
  });

  it('bootstraps the paired difference of two classifiers', () => {
    const result = pairedBootstrap({
      labels,
      expected: g.expected,
      a: g.predicted,
      b: g.rival,
      statistic: accuracyOf,
      samples: 10_000,
    });
    const { difference, standardError, interval } = g.pairedAccuracy;
    expect(result.difference).toBeCloseTo(difference, 12);
    expect(result.standardError / standardError).toBeGreaterThan(0.96);
    expect(result.standardError / standardError).toBeLessThan(1.04);
    expect(Math.abs(result.interval[0] - interval[0])).toBeLessThan(
      0.15 * standardError + 1 / g.expected.length,
    );
    expect(Math.abs(result.interval[1] - interval[1])).toBeLessThan(
      0.15 * standardError + 1 / g.expected.length,
    );
  });
});

describe('properties', () => {
  const labels = ['x', 'y', 'z'];
  const predictions = fc.array(
    fc.record({ expected: fc.constantFrom(...labels), predicted: fc.constantFrom(...labels) }),
    { minLength: 2, maxLength: 60 },
  );
  const bootstrap = { samples: 50, seed: 3 };
  const metrics: Metric<Prediction, unknown>[] = [
    accuracy(),
    macroF1({ labels, bootstrap }),
    microF1({ labels, bootstrap }),
    matthewsCorrelation({ labels, bootstrap }),
  ];

  it.each(metrics.map((metric) => [metric.name, metric] as const))(
    '%s: parts computed apart and merged equal the whole, in any order',
    (_, metric) => {
      fc.assert(
        fc.property(predictions, fc.nat(), (all, at) => {
          const cut = at % (all.length + 1);
          const fold = (some: readonly Prediction[]): unknown =>
            some.reduce((s, o) => metric.add(s, o), metric.empty());
          const whole = metric.value(fold(all));
          const [left, right] = [fold(all.slice(0, cut)), fold(all.slice(cut))];
          expect(metric.value(metric.merge(left, right))).toEqual(whole);
          expect(metric.value(metric.merge(right, left))).toEqual(whole);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('merging leaves its arguments as they were', () => {
    const metric = macroF1({ labels });
    const a = metric.add(metric.empty(), { expected: 'x', predicted: 'x' });
    const b = metric.add(metric.empty(), { expected: 'y', predicted: 'x' });
    metric.merge(a, b);
    expect([...a.counts]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...b.counts]).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0]);
  });

  it('micro-F1 over all labels is the accuracy, and so is its standard error', () => {
    const g = golden.classification['three labels'];
    const all = pair(g.expected, g.predicted);
    const micro = measure(microF1({ labels: g.labels, bootstrap: { samples: 20_000 } }), all);
    expect(micro.value).toBeCloseTo(measure(accuracy(), all).value, 12);
    expect(micro.standardError! / measure(accuracy(), all).standardError!).toBeCloseTo(1, 1.5);
  });

  it('the same seed gives the same standard error, another one another', () => {
    const g = golden.classification['three labels'];
    const error = (seed: number): number =>
      measure(macroF1({ labels: g.labels, bootstrap: { seed } }), pair(g.expected, g.predicted))
        .standardError!;
    expect(error(1)).toBe(error(1));
    expect(error(1)).not.toBe(error(2));
  });

  it('one observation has no standard error', () => {
    const one = [{ expected: 'x', predicted: 'x' }];
    for (const metric of metrics) expect(measure(metric, one).standardError).toBeUndefined();
  });

  it('comparing a classifier with itself finds no difference', () => {
    const g = golden.classification['three labels'];
    const same = { expected: g.expected, a: g.rival, b: g.rival };
    expect(mcnemar(same).pValue).toBe(1);
    const result = pairedBootstrap({
      ...same,
      labels: g.labels,
      statistic: macroF1Of,
      samples: 50,
    });
    expect(result).toEqual({ difference: 0, standardError: 0, interval: [0, 0], better: 0.5 });
  });
});

describe('majority baseline', () => {
  it('says the commonest label, the first in order of equals', () => {
    const baseline = majorityBaseline(['b', 'a', 'b', 'a', 'c']);
    expect(baseline.label).toBe('a');
    expect(baseline.share).toBeCloseTo(0.4, 12);
    expect(baseline.answer([1, 2, 3])).toEqual(['a', 'a', 'a']);
  });

  it('takes labels that are names of object properties', () => {
    expect(majorityBaseline(['__proto__', 'constructor', '__proto__']).label).toBe('__proto__');
    const labels = ['__proto__', 'constructor'];
    const all = pair(['__proto__', 'constructor'], ['__proto__', '__proto__']);
    expect([...confusionMatrix(all, labels).counts]).toEqual([1, 0, 1, 0]);
  });
});

describe('bad input', () => {
  const code = (f: () => unknown): unknown => {
    try {
      f();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return 'nothing thrown';
  };
  const labels = ['a', 'b'];

  it('is refused with its code', () => {
    const metric = macroF1({ labels });
    expect(code(() => metric.add(metric.empty(), { expected: 'c', predicted: 'a' }))).toBe(
      'eval/unknown-label',
    );
    expect(code(() => metric.add(metric.empty(), { expected: 'a', predicted: 'toString' }))).toBe(
      'eval/unknown-label',
    );
    expect(code(() => metric.value(metric.empty()))).toBe('eval/empty');
    expect(code(() => accuracy().value(accuracy().empty()))).toBe('eval/empty');
    expect(code(() => macroF1({ labels: [] }))).toBe('invalid-argument');
    expect(code(() => macroF1({ labels: ['a', 'a'] }))).toBe('invalid-argument');
    expect(code(() => macroF1({ labels, only: ['c'] }))).toBe('eval/unknown-label');
    expect(code(() => macroF1({ labels, bootstrap: { samples: 1 } }))).toBe('invalid-argument');
    expect(code(() => majorityBaseline([]))).toBe('eval/empty');
    expect(code(() => mcnemar({ expected: ['a'], a: ['a'], b: [] }))).toBe('eval/length-mismatch');
    expect(code(() => mcnemar({ expected: [], a: [], b: [] }))).toBe('eval/empty');
  });
});
