import { type Estimate, HeddleError, type Metric } from '@heddle/core';
import {
  type ConfusionMatrix,
  indexOfLabel,
  labelIndex,
  macroF1Of,
  matthewsCorrelationOf,
  microF1Of,
  totalOf,
} from './confusion.js';
import { resampleCounts } from './multinomial.js';
import type { Prediction } from './prediction.js';
import { resampleStream } from './uniform-stream.js';

/** How the standard error of a statistic of the confusion matrix is estimated. */
export interface BootstrapOptions {
  /** Resamples; 0 for no standard error. Default 1000. */
  readonly samples?: number;
  /** Default 0. The same counts and seed give the same standard error. */
  readonly seed?: number;
}

export interface LabelMetricOptions {
  /** Every label that can be expected or predicted. */
  readonly labels: readonly string[];
  readonly bootstrap?: BootstrapOptions;
}

export interface F1Options extends LabelMetricOptions {
  /** Average over these labels only (the one positive label of a binary task, say). Default: all. */
  readonly only?: readonly string[];
}

/**
 * A metric that is a statistic of the confusion matrix. Its state is that matrix, so parts merge
 * exactly, and its standard error is the bootstrap's (Efron 1979): the sample standard deviation of
 * the statistic over multinomial resamples of the matrix. `add` counts in place.
 *
 * Errors: `eval/unknown-label` from `add`, `eval/empty` from `value`, `invalid-argument` for labels
 * that are none or not distinct.
 */
export function confusionMetric(
  name: string,
  statistic: (matrix: ConfusionMatrix) => number,
  { labels, bootstrap = {} }: LabelMetricOptions,
): Metric<Prediction, ConfusionMatrix> {
  const index = labelIndex(labels);
  const { samples = 1000, seed = 0 } = bootstrap;
  if (!Number.isInteger(samples) || samples < 0 || samples === 1) {
    throw new HeddleError(
      'invalid-argument',
      `bootstrap.samples must be 0 or an integer from 2 on, not ${samples}.`,
      { argument: 'bootstrap.samples', given: samples },
    );
  }
  return {
    name,
    empty: () => ({ labels, counts: new Float64Array(labels.length ** 2) }),
    add(matrix, { expected, predicted }) {
      const row = indexOfLabel(index, expected);
      matrix.counts[row * labels.length + indexOfLabel(index, predicted)]++;
      return matrix;
    },
    merge: (a, b) => ({ labels, counts: a.counts.map((count, i) => count + b.counts[i]) }),
    value(matrix): Estimate {
      const count = totalOf(matrix);
      if (count === 0) {
        throw new HeddleError(
          'eval/empty',
          `${name} has seen no prediction, so it has no value. Add at least one.`,
          { what: name },
        );
      }
      const standardError =
        count < 2 || samples === 0 ? undefined : bootstrapError(matrix, statistic, samples, seed);
      return { value: statistic(matrix), standardError, count };
    },
  };
}

function bootstrapError(
  matrix: ConfusionMatrix,
  statistic: (matrix: ConfusionMatrix) => number,
  samples: number,
  seed: number,
): number {
  const resample = { labels: matrix.labels, counts: new Float64Array(matrix.counts.length) };
  const values = Array.from({ length: samples }, (_, sample) => {
    resampleCounts(matrix.counts, resampleStream(seed, sample), resample.counts);
    return statistic(resample);
  });
  return standardDeviation(values);
}

/** The sample standard deviation (divisor n - 1). */
export function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** The mean F1 of the labels, each weighing the same, in [0, 1]; a label never seen nor predicted counts 0. */
export function macroF1(options: F1Options): Metric<Prediction, ConfusionMatrix> {
  checkOnly(options);
  return confusionMetric('macro-f1', (matrix) => macroF1Of(matrix, options.only), options);
}

/** F1 of the pooled counts, in [0, 1]; with all labels it equals the accuracy. */
export function microF1(options: F1Options): Metric<Prediction, ConfusionMatrix> {
  checkOnly(options);
  return confusionMetric('micro-f1', (matrix) => microF1Of(matrix, options.only), options);
}

/** Matthews' correlation coefficient, in [-1, 1]; 0 for guessing, also where it is not defined. */
export function matthewsCorrelation(
  options: LabelMetricOptions,
): Metric<Prediction, ConfusionMatrix> {
  return confusionMetric('matthews-correlation', matthewsCorrelationOf, options);
}

function checkOnly({ labels, only }: F1Options): void {
  if (only === undefined) return;
  const index = labelIndex(labels);
  labelIndex(only);
  for (const label of only) indexOfLabel(index, label);
}
