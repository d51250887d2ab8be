import { type Backend, HeddleError, type Params, rngKey, type Tokenizer } from '@heddle/core';
import { scoped, softmax } from '@heddle/tensor';
import { classificationBatch } from './classification-batches.js';
import type { Classifier } from './classifier.js';
import { encodeTexts } from './texts.js';

export interface PredictOptions {
  readonly classifier: Classifier;
  readonly params: Params;
  readonly backend: Backend;
  readonly tokenizer: Tokenizer;
  readonly texts: readonly string[];
  /** Texts in one forward pass. Default 32. */
  readonly rows?: number;
  /** Longer texts keep their beginning. Default: the model's context length. */
  readonly maxLength?: number;
  /** Called after each pass with the number of texts done. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export interface LabelPrediction {
  /** The likeliest label. */
  readonly label: string;
  /** Of each label, in the classifier's order; they sum to 1. */
  readonly probabilities: Float32Array;
}

/**
 * Labels texts, in their order. Texts of like length share a pass, so that little is padded.
 * Errors: `finetune/empty-text`, `invalid-argument`, what the model throws, the signal's reason.
 */
export async function predict(options: PredictOptions): Promise<readonly LabelPrediction[]> {
  const { classifier, params, backend, tokenizer, texts, rows = 32 } = options;
  const { maxLength = classifier.model.contextLength, onProgress, signal } = options;
  if (!Number.isInteger(rows) || rows < 1) {
    throw new HeddleError('invalid-argument', `rows must be an integer from 1 on, not ${rows}.`, {
      argument: 'rows',
      given: rows,
    });
  }
  const { ids } = encodeTexts(texts, tokenizer, maxLength);
  const order = ids.map((_, i) => i).sort((i, j) => ids[i].length - ids[j].length || i - j);
  const predictions = new Array<LabelPrediction>(texts.length);
  const { labels } = classifier;
  for (let start = 0; start < order.length; start += rows) {
    signal?.throwIfAborted();
    const chosen = order.slice(start, start + rows);
    const batch = classificationBatch(chosen.map((i) => ids[i]));
    const context = { backend, train: false, key: rngKey(0) };
    const result = scoped(() => softmax(classifier.apply(params, batch, context))); // [B, labels]
    const values = (await result.read()) as Float32Array;
    result.dispose();
    chosen.forEach((i, row) => {
      const probabilities = values.slice(row * labels.length, (row + 1) * labels.length);
      const best = probabilities.indexOf(Math.max(...probabilities));
      predictions[i] = { label: labels[best], probabilities };
    });
    onProgress?.(start + chosen.length);
  }
  return predictions;
}
