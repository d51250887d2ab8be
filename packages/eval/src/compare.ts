import { HeddleError } from '@heddle/core';
import { type ConfusionMatrix, indexOfLabel, labelIndex } from './confusion.js';
import { standardDeviation } from './f1.js';
import { resampleCounts } from './multinomial.js';
import { resampleStream } from './uniform-stream.js';

/** Two classifiers' answers to the same examples, in the same order. */
export interface PairedAnswers {
  readonly expected: readonly string[];
  readonly a: readonly string[];
  readonly b: readonly string[];
}

export interface PairedBootstrapOptions extends PairedAnswers {
  readonly labels: readonly string[];
  /** What is compared: `accuracyOf`, `macroF1Of`, or any other function of the confusion matrix. */
  readonly statistic: (matrix: ConfusionMatrix) => number;
  /** Resamples. Default 2000. */
  readonly samples?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Of the interval. Default 0.95. */
  readonly confidence?: number;
}

export interface PairedBootstrap {
  /** statistic(a) - statistic(b). */
  readonly difference: number;
  readonly standardError: number;
  /** Percentile interval of the difference. */
  readonly interval: readonly [number, number];
  /** Share of resamples where `a` has the larger statistic; ties count half. */
  readonly better: number;
}

export interface McNemar {
  /** Examples that only `a` has right. */
  readonly onlyA: number;
  /** Examples that only `b` has right. */
  readonly onlyB: number;
  /** Two-sided, exact: how likely a split at least so uneven is if both are equally good. */
  readonly pValue: number;
}

/** Throws unless the three lists are equally long and not empty. */
function checkPaired({ expected, a, b }: PairedAnswers): void {
  if (a.length !== expected.length || b.length !== expected.length) {
    throw new HeddleError(
      'eval/length-mismatch',
      `There are ${expected.length} expected labels, ${a.length} answers of a and ${b.length} of b. ` +
        'Give both answers to every example, in the same order.',
      { what: 'paired answers', lengths: [expected.length, a.length, b.length] },
    );
  }
  if (expected.length > 0) return;
  throw new HeddleError('eval/empty', 'There are no answers to compare. Give at least one.', {
    what: 'paired answers',
  });
}

/**
 * Is `a` better than `b`, on any statistic? Resamples the examples, each with both answers (Koehn
 * 2004, "Statistical significance tests for machine translation evaluation").
 * Errors: `eval/length-mismatch`, `eval/empty`, `eval/unknown-label`, `invalid-argument`.
 */
export function pairedBootstrap(options: PairedBootstrapOptions): PairedBootstrap {
  const { statistic, samples = 2000, seed = 0, confidence = 0.95 } = options;
  checkPaired(options);
  checkRange('samples', samples, Number.isInteger(samples) && samples >= 2, 'an integer from 2 on');
  checkRange('confidence', confidence, confidence > 0 && confidence < 1, 'between 0 and 1');
  const outcomes = jointOutcomes(options);
  const differenceOf = (counts: Float64Array): number => {
    const [matrixA, matrixB] = outcomes.matrices(counts);
    return statistic(matrixA) - statistic(matrixB);
  };
  const drawn = new Float64Array(outcomes.counts.length);
  const differences = Array.from({ length: samples }, (_, sample) => {
    resampleCounts(outcomes.counts, resampleStream(seed, sample), drawn);
    return differenceOf(drawn);
  });
  const wins = differences.reduce((sum, d) => sum + (d > 0 ? 1 : d === 0 ? 0.5 : 0), 0);
  const sorted = [...differences].sort((x, y) => x - y);
  const tail = (1 - confidence) / 2;
  return {
    difference: differenceOf(outcomes.counts),
    standardError: standardDeviation(differences),
    interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
    better: wins / samples,
  };
}

/** The (expected, a, b) triples that occur, with their counts, and the two confusion matrices of such counts. */
function jointOutcomes({ labels, expected, a, b }: PairedBootstrapOptions): {
  counts: Float64Array;
  matrices(counts: Float64Array): [ConfusionMatrix, ConfusionMatrix];
} {
  const index = labelIndex(labels);
  const size = labels.length;
  const found = new Map<number, number>();
  for (let i = 0; i < expected.length; i++) {
    const row = indexOfLabel(index, expected[i]);
    const triple = (row * size + indexOfLabel(index, a[i])) * size + indexOfLabel(index, b[i]);
    found.set(triple, (found.get(triple) ?? 0) + 1);
  }
  const triples = [...found.keys()];
  return {
    counts: Float64Array.from(found.values()),
    matrices(counts) {
      const forA = new Float64Array(size * size);
      const forB = new Float64Array(size * size);
      triples.forEach((triple, i) => {
        const row = Math.floor(triple / (size * size));
        forA[Math.floor(triple / size)] += counts[i];
        forB[row * size + (triple % size)] += counts[i];
      });
      return [
        { labels, counts: forA },
        { labels, counts: forB },
      ];
    },
  };
}

/** Linear interpolation between order statistics, as numpy's default. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/**
 * McNemar's exact test (1947): do two classifiers differ in accuracy? Only examples that one of them
 * has right count. Errors: `eval/length-mismatch`, `eval/empty`.
 */
export function mcnemar(answers: PairedAnswers): McNemar {
  checkPaired(answers);
  const { expected, a, b } = answers;
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < expected.length; i++) {
    const rightA = a[i] === expected[i];
    const rightB = b[i] === expected[i];
    if (rightA && !rightB) onlyA++;
    if (rightB && !rightA) onlyB++;
  }
  return {
    onlyA,
    onlyB,
    pValue: Math.min(1, 2 * fairCoinTail(Math.min(onlyA, onlyB), onlyA + onlyB)),
  };
}

/** P(X <= k) for X of n tosses of a fair coin, summed in logarithms. */
function fairCoinTail(k: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return sum;
}

function checkRange(argument: string, given: number, inside: boolean, range: string): void {
  if (inside) return;
  throw new HeddleError('invalid-argument', `${argument} must be ${range}, not ${given}.`, {
    argument,
    given,
  });
}
