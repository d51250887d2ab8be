import {
  type Backend,
  type Context,
  fold,
  HeddleError,
  type Json,
  type LanguageModel,
  type Model,
  type Params,
  type RngKey,
  type Tensor,
} from '@heddle/core';
import { dropout, linear, matmul, normal, reshape, scoped, tensor } from '@heddle/tensor';
import type { ClassificationBatch } from './classification-batches.js';

/** What of a text the label is read from: its last token, its first, or the mean of all. */
export type Pooling = 'last' | 'first' | 'mean';

export interface ClassifierOptions {
  /** At least two, all different. Their order is that of the logits. */
  readonly labels: readonly string[];
  /** Default: `last` for a causal model (only there has all been read), else `mean`. */
  readonly pooling?: Pooling;
  /** Share of the pooled features dropped in training, in [0, 1). Default 0. */
  readonly dropout?: number;
}

/** A language model with a head that gives each label a logit: batch -> [rows, labels]. */
export interface Classifier extends Model<ClassificationBatch, Tensor> {
  readonly model: LanguageModel;
  readonly labels: readonly string[];
  readonly pooling: Pooling;
  /** A fresh head for the model's parameters. */
  initHead(key: RngKey, backend: Backend): Params;
}

/** The head's one parameter: [labels, hiddenSize]. */
export const HEAD = 'score.weight';

/** Whether a parameter belongs to the head that predicts tokens, which a classifier does without. */
export const isUnused = (parameter: string): boolean => /^(cls|lm_head)\./.test(parameter);

/**
 * Puts a linear head without bias on a model's hidden states, as Hugging Face's
 * `GPT2ForSequenceClassification` and `LlamaForSequenceClassification` do (`score.weight`).
 * Padding is a segment of its own, so a text's logits do not depend on its neighbours in the batch.
 *
 * Errors: `finetune/missing-label` for fewer than two labels, `invalid-argument` for equal labels,
 * a dropout outside [0, 1), and `first` with a causal model, whose first token has seen nothing
 * else; from `apply`, `finetune/missing-parameter` without a head.
 */
export function classifier(model: LanguageModel, options: ClassifierOptions): Classifier {
  const { labels, pooling = model.causal ? 'last' : 'mean', dropout: rate = 0 } = options;
  checkOptions(model, labels, pooling, rate);
  const range = model.config.initializer_range;
  const std = typeof range === 'number' ? range : 0.02;
  const initHead = (key: RngKey, backend: Backend): Params => ({
    [HEAD]: normal(backend, fold(key, HEAD), [labels.length, model.hiddenSize], { std }),
  });
  return {
    model,
    labels,
    pooling,
    config: { ...model.config, ...labelConfig(labels) },
    initHead,
    init: (key, backend) => ({ ...model.init(key, backend), ...initHead(key, backend) }),
    apply(params, batch, context) {
      if (!Object.hasOwn(params, HEAD)) {
        throw new HeddleError(
          'finetune/missing-parameter',
          `The parameters have no "${HEAD}". Add a head: { ...params, ...classifier.initHead(key, backend) }.`,
          { missing: [HEAD] },
        );
      }
      return scoped(() => {
        const hidden = hiddenStates(model, params, batch, context); // [B, T, D]
        const pooled = pool(hidden, batch, pooling, context.backend); // [B, D]
        const kept =
          context.train && rate > 0 ? dropout(pooled, rate, fold(context.key, HEAD)) : pooled;
        return linear(kept, params[HEAD], { transposeWeight: true }); // [B, labels]
      });
    },
  };
}

/** What Hugging Face's config.json says of labels. */
function labelConfig(labels: readonly string[]): { [key: string]: Json } {
  return {
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
  };
}

function hiddenStates(
  model: LanguageModel,
  params: Params,
  { rows, length, ids, lengths }: ClassificationBatch,
  context: Context,
): Tensor {
  const { backend } = context;
  const shape = [rows, length];
  const input = { ids: tensor(backend, ids, shape, 'i32') };
  if (lengths.every((size) => size === length)) return model.hidden(params, input, context);
  const segments = new Int32Array(rows * length).fill(1);
  lengths.forEach((size, row) => {
    segments.fill(0, row * length, row * length + size);
  });
  return model.hidden(
    params,
    { ...input, segments: tensor(backend, segments, shape, 'i32') },
    context,
  );
}

/** One vector a text: a weighted sum over its positions. */
function pool(
  hidden: Tensor,
  { rows, length, lengths }: ClassificationBatch,
  pooling: Pooling,
  backend: Backend,
): Tensor {
  const weights = new Float32Array(rows * length);
  lengths.forEach((size, row) => {
    const start = row * length;
    if (pooling === 'mean') weights.fill(1 / size, start, start + size);
    else weights[pooling === 'last' ? start + size - 1 : start] = 1;
  });
  const sums = matmul(tensor(backend, weights, [rows, 1, length], 'f32'), hidden); // [B, 1, D]
  return reshape(sums, [rows, hidden.shape[2]]);
}

function checkOptions(
  model: LanguageModel,
  labels: readonly string[],
  pooling: Pooling,
  rate: number,
): void {
  if (labels.length < 2) {
    throw new HeddleError(
      'finetune/missing-label',
      `A classifier needs at least two labels to tell apart, not [${labels.join(', ')}].`,
      { labels, missing: [] },
    );
  }
  const refuse = (argument: string, given: Json, why: string): HeddleError =>
    new HeddleError('invalid-argument', `classifier: ${why}`, { argument, given });
  if (new Set(labels).size !== labels.length) {
    throw refuse('labels', [...labels], `the labels [${labels.join(', ')}] are not all different.`);
  }
  if (!['last', 'first', 'mean'].includes(pooling)) {
    throw refuse(
      'pooling',
      pooling,
      `pooling must be 'last', 'first' or 'mean', not '${pooling}'.`,
    );
  }
  if (pooling === 'first' && model.causal) {
    throw refuse(
      'pooling',
      pooling,
      "a causal model's first token has seen no other; use 'last' or 'mean'.",
    );
  }
  if (!(rate >= 0 && rate < 1)) {
    throw refuse('dropout', rate, `dropout must be from 0 to below 1, not ${rate}.`);
  }
}
