import {
  type Cursor,
  fold,
  HeddleError,
  type Item,
  permutation,
  type ReadOptions,
  rngKey,
  type Source,
  type Tokenizer,
} from '@heddle/core';
import { encodeTexts, type LabelledText, labelIndices } from './texts.js';

/** Texts as rows of token ids on the host, padded on the right to the longest. */
export interface ClassificationBatch {
  readonly rows: number;
  readonly length: number;
  /** [rows, length], row-major; 0 behind each text's end. */
  readonly ids: Int32Array;
  /** [rows]: tokens of each text, at least 1. */
  readonly lengths: Int32Array;
  /** [rows]: places of the right labels; absent where they are not known. */
  readonly targets?: Int32Array;
}

export interface ClassificationBatchesOptions {
  readonly tokenizer: Tokenizer;
  /** In the classifier's order. */
  readonly labels: readonly string[];
  /** Examples of a batch. Default 16. */
  readonly rows?: number;
  /** Tokens of a text at most; longer ones keep their beginning. Usually the model's context length. */
  readonly maxLength: number;
  /** Of the order, which differs from epoch to epoch. Default 0. */
  readonly seed?: number;
  /** Default true. */
  readonly shuffle?: boolean;
  /** How often all examples are gone through. Default: without end. */
  readonly epochs?: number;
}

export interface ClassificationSource extends Source<ClassificationBatch> {
  readonly examples: number;
  /** Texts that were cut to `maxLength`. */
  readonly truncated: number;
  readonly batchesPerEpoch: number;
}

/** Rows of tokens with their right labels (or none), padded to the longest. */
export function classificationBatch(
  texts: readonly Int32Array[],
  targets?: Int32Array,
): ClassificationBatch {
  const rows = texts.length;
  const lengths = Int32Array.from(texts, (ids) => ids.length);
  const length = Math.max(...lengths);
  const ids = new Int32Array(rows * length);
  texts.forEach((text, row) => {
    ids.set(text, row * length);
  });
  return { rows, length, ids, lengths, ...(targets === undefined ? {} : { targets }) };
}

/**
 * Labelled texts as batches for the objective `classification`. All are encoded at once, here. The
 * last batch of an epoch may be smaller. Of several ranks each takes every `worldSize`-th batch.
 * Cursors resume exactly.
 *
 * Errors: `finetune/no-examples`, `finetune/unknown-label`, `finetune/empty-text`,
 * `invalid-argument` (rows, maxLength, epochs, a cursor of another source).
 */
export function classificationBatches(
  examples: readonly LabelledText[],
  options: ClassificationBatchesOptions,
): ClassificationSource {
  const { tokenizer, labels, rows = 16, maxLength, seed = 0 } = options;
  const { shuffle = true, epochs = Number.POSITIVE_INFINITY } = options;
  if (examples.length === 0) {
    throw new HeddleError('finetune/no-examples', 'There is no example. Give at least one.', {
      what: 'classificationBatches',
    });
  }
  checkAtLeastOne('rows', rows, Number.isInteger(rows));
  checkAtLeastOne(
    'epochs',
    epochs,
    Number.isInteger(epochs) || epochs === Number.POSITIVE_INFINITY,
  );
  const targets = labelIndices(examples, labels);
  const texts = examples.map(({ text }) => text);
  const { ids, truncated } = encodeTexts(texts, tokenizer, maxLength);
  const batchesPerEpoch = Math.ceil(examples.length / rows);

  const batchOf = (epoch: number, batch: number): ClassificationBatch => {
    const order = shuffle
      ? permutation(fold(fold(rngKey(seed), 'examples'), epoch), examples.length)
      : (index: number): number => index;
    const count = Math.min(rows, examples.length - batch * rows);
    const chosen = Array.from({ length: count }, (_, row) => order(batch * rows + row));
    return classificationBatch(
      chosen.map((i) => ids[i]),
      Int32Array.from(chosen, (i) => targets[i]),
    );
  };

  return {
    name: 'classification-batches',
    examples: examples.length,
    truncated,
    batchesPerEpoch,
    async *read({
      rank,
      worldSize,
      after,
    }: ReadOptions): AsyncGenerator<Item<ClassificationBatch>> {
      const end = epochs * batchesPerEpoch;
      let next = after === undefined ? rank : position(after, rank, worldSize);
      while (next < end) {
        const value = batchOf(Math.floor(next / batchesPerEpoch), next % batchesPerEpoch);
        next += worldSize;
        yield { value, cursor: { next } };
      }
    },
  };
}

/** The number of the batch that a cursor points to, counted through all epochs. */
function position(cursor: Cursor, rank: number, worldSize: number): number {
  const next =
    typeof cursor === 'object' && cursor !== null && 'next' in cursor ? cursor.next : undefined;
  if (typeof next === 'number' && Number.isSafeInteger(next) && next >= 0) {
    if (next % worldSize === rank) return next;
  }
  throw new HeddleError(
    'invalid-argument',
    `The cursor ${JSON.stringify(cursor)} is not one of rank ${rank} of ${worldSize} of these batches. ` +
      'Resume with the same number of ranks, or begin anew.',
    { argument: 'after', given: cursor },
  );
}

function checkAtLeastOne(argument: string, given: number, whole: boolean): void {
  if (whole && given >= 1) return;
  throw new HeddleError(
    'invalid-argument',
    `${argument} must be an integer from 1 on, not ${given}.`,
    { argument, given },
  );
}
