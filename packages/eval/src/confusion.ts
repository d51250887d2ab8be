import { HeddleError } from '@heddle/core';
import type { Prediction } from './prediction.js';

/** How often each label was taken for each. */
export interface ConfusionMatrix {
  readonly labels: readonly string[];
  /** [labels, labels], row-major: row = the expected label, column = the predicted one. */
  readonly counts: Float64Array;
}

/** Precision, recall and F1 of one label; each is 0 where its denominator is. */
export interface LabelScores {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Examples that have this label. */
  readonly support: number;
}

/** Maps each label to its place; throws `invalid-argument` unless there is one, and all differ. */
export function labelIndex(labels: readonly string[]): ReadonlyMap<string, number> {
  const index = new Map(labels.map((label, i) => [label, i]));
  if (labels.length > 0 && index.size === labels.length) return index;
  throw new HeddleError(
    'invalid-argument',
    labels.length === 0
      ? 'There are no labels. Give every label that can be expected or predicted.'
      : `The labels [${labels.join(', ')}] are not distinct. Give each label once.`,
    { argument: 'labels', given: [...labels] },
  );
}

/** The place of `label`; throws `eval/unknown-label` if it has none. */
export function indexOfLabel(index: ReadonlyMap<string, number>, label: string): number {
  const at = index.get(label);
  if (at !== undefined) return at;
  const labels = [...index.keys()];
  throw new HeddleError(
    'eval/unknown-label',
    `The label "${label}" is not among the labels [${labels.join(', ')}]. ` +
      'Give every label that can be expected or predicted.',
    { label, labels },
  );
}

/**
 * Counts predictions by expected and predicted label.
 * Throws `eval/unknown-label` for a label that is not in `labels`.
 */
export function confusionMatrix(
  predictions: Iterable<Prediction>,
  labels: readonly string[],
): ConfusionMatrix {
  const index = labelIndex(labels);
  const counts = new Float64Array(labels.length ** 2);
  for (const { expected, predicted } of predictions) {
    counts[indexOfLabel(index, expected) * labels.length + indexOfLabel(index, predicted)]++;
  }
  return { labels, counts };
}

/** How many predictions the matrix counts. */
export function totalOf({ counts }: ConfusionMatrix): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

/** Row sums (examples of a label), column sums (predictions of it) and diagonal (both). */
function margins({ labels, counts }: ConfusionMatrix): {
  rows: Float64Array;
  columns: Float64Array;
  hits: Float64Array;
} {
  const size = labels.length;
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  const hits = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    hits[i] = counts[i * size + i];
    for (let j = 0; j < size; j++) {
      rows[i] += counts[i * size + j];
      columns[j] += counts[i * size + j];
    }
  }
  return { rows, columns, hits };
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** The scores of every label, in the order of the labels. */
export function precisionRecallF1(matrix: ConfusionMatrix): readonly LabelScores[] {
  const { rows, columns, hits } = margins(matrix);
  return matrix.labels.map((label, i) => ({
    label,
    precision: ratio(hits[i], columns[i]),
    recall: ratio(hits[i], rows[i]),
    f1: ratio(2 * hits[i], rows[i] + columns[i]),
    support: rows[i],
  }));
}

/** The share of the diagonal. */
export function accuracyOf(matrix: ConfusionMatrix): number {
  const { hits } = margins(matrix);
  return ratio(
    hits.reduce((a, b) => a + b, 0),
    totalOf(matrix),
  );
}

/** The places of the labels in `only`, or of all. */
function chosen(matrix: ConfusionMatrix, only: readonly string[] | undefined): readonly number[] {
  if (only === undefined) return matrix.labels.map((_, i) => i);
  const index = labelIndex(matrix.labels);
  labelIndex(only);
  return only.map((label) => indexOfLabel(index, label));
}

/** The mean of the labels' F1, each label weighing the same. `only`: average over these labels. */
export function macroF1Of(matrix: ConfusionMatrix, only?: readonly string[]): number {
  const { rows, columns, hits } = margins(matrix);
  const labels = chosen(matrix, only);
  let sum = 0;
  for (const i of labels) sum += ratio(2 * hits[i], rows[i] + columns[i]);
  return sum / labels.length;
}

/** F1 of the pooled counts; over all labels that is the accuracy. `only`: pool these labels. */
export function microF1Of(matrix: ConfusionMatrix, only?: readonly string[]): number {
  const { rows, columns, hits } = margins(matrix);
  let hit = 0;
  let all = 0;
  for (const i of chosen(matrix, only)) {
    hit += hits[i];
    all += rows[i] + columns[i];
  }
  return ratio(2 * hit, all);
}

/**
 * Matthews' correlation coefficient for any number of labels (R_K of Gorodkin 2004, "Comparing two
 * K-category assignments by a K-category correlation coefficient"); 0 where it is not defined.
 */
export function matthewsCorrelationOf(matrix: ConfusionMatrix): number {
  const { rows, columns, hits } = margins(matrix);
  const total = totalOf(matrix);
  let hit = 0;
  let product = 0;
  let rowSquares = 0;
  let columnSquares = 0;
  for (let i = 0; i < rows.length; i++) {
    hit += hits[i];
    product += rows[i] * columns[i];
    rowSquares += rows[i] ** 2;
    columnSquares += columns[i] ** 2;
  }
  const spread = Math.sqrt(total ** 2 - rowSquares) * Math.sqrt(total ** 2 - columnSquares);
  return ratio(hit * total - product, spread);
}
