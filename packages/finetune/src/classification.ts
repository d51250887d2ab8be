import { HeddleError, type Objective } from '@heddle/core';
import { crossEntropy, mul, scoped, sum, tensor } from '@heddle/tensor';
import type { ClassificationBatch } from './classification-batches.js';
import type { Classifier } from './classifier.js';

export interface ClassificationOptions {
  /** A factor for the loss of each label's examples, in the labels' order (see `balancedWeights`). */
  readonly classWeights?: readonly number[];
}

/**
 * The cross-entropy of the right label. With class weights the count is the sum of the examples'
 * weights (the smallest weight taken as 1), so that the mean is torch's weighted mean.
 *
 * Errors: `invalid-argument` for weights that do not fit the labels, or a batch without targets.
 */
export function classification(
  classifier: Classifier,
  { classWeights }: ClassificationOptions = {},
): Objective<ClassificationBatch> {
  const wrong = classWeights?.find((weight) => !(weight > 0 && Number.isFinite(weight)));
  if (
    wrong !== undefined ||
    (classWeights ?? classifier.labels).length !== classifier.labels.length
  ) {
    throw new HeddleError(
      'invalid-argument',
      `classWeights must be ${classifier.labels.length} positive numbers, one a label, not [${classWeights?.join(', ')}].`,
      { argument: 'classWeights', given: [...(classWeights ?? [])] },
    );
  }
  // The smallest is made 1: the mean is the same, and a batch's count is never below its rows.
  const least = Math.min(...(classWeights ?? [1]));
  return {
    name: 'classification',
    loss(params, batch, context) {
      const { rows, targets } = batch;
      if (targets === undefined) {
        throw new HeddleError(
          'invalid-argument',
          'A batch without targets has no loss. Make batches of labelled texts.',
          { argument: 'batch.targets', given: null },
        );
      }
      const weights =
        classWeights && Float32Array.from(targets, (target) => classWeights[target] / least);
      const total = scoped(() => {
        const logits = classifier.apply(params, batch, context); // [B, labels]
        const losses = crossEntropy(logits, tensor(context.backend, targets, [rows], 'i32')); // [B]
        if (weights === undefined) return sum(losses);
        return sum(mul(losses, tensor(context.backend, weights, [rows], 'f32')));
      });
      return {
        sum: total,
        count: weights === undefined ? rows : weights.reduce((a, b) => a + b, 0),
      };
    },
  };
}

/**
 * Weights that let every label count the same in all: n / (labels · count), as scikit-learn's
 * `balanced`. Throws `finetune/missing-label` for a label that no example has.
 */
export function balancedWeights(
  examples: readonly { readonly label: string }[],
  labels: readonly string[],
): readonly number[] {
  const counts = labels.map((label) => examples.filter((e) => e.label === label).length);
  const missing = labels.filter((_, i) => counts[i] === 0);
  if (missing.length > 0) {
    throw new HeddleError(
      'finetune/missing-label',
      `No example has the label ${missing.map((label) => `"${label}"`).join(', ')}, so it has no balanced weight.`,
      { labels, missing },
    );
  }
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => total / (labels.length * count));
}
