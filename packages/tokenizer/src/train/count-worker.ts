import { workerData } from 'node:worker_threads';
import type { Json } from '@heddle/core';
import { sentError } from '../batch/message.js';
import { normalizerAt } from '../normalizers/read.js';
import { preTokenizerAt } from '../pre-tokenizers/read.js';
import { pieceAdder } from './count-pieces.js';
import { PieceCounts } from './piece-counts.js';

/** What a worker begins with: its parts as sections of `tokenizer.json`. */
export interface CountStart {
  readonly normalizer: Json;
  readonly preTokenizer: Json;
}

/** Different pieces in the order of their first arrival, with how often each came; or why there are none. */
export type CountReply =
  | { readonly pieces: readonly string[]; readonly counts: Float64Array }
  | { readonly error: ReturnType<typeof sentError> };

/** The program of a worker: it counts the pieces of the texts that it is sent. */

const { normalizer, preTokenizer } = workerData as CountStart;

export default function count(texts: readonly string[]): CountReply {
  try {
    const parts = {
      normalizer: normalizer === null ? null : normalizerAt(normalizer, 'normalizer'),
      preTokenizer: preTokenizer === null ? null : preTokenizerAt(preTokenizer, 'pre_tokenizer'),
    };
    const counted = new PieceCounts();
    const add = pieceAdder(parts, counted);
    for (const text of texts) add(text);
    const pieces = Array.from({ length: counted.size }, (_, piece) => counted.textOf(piece));
    const counts = Float64Array.from(pieces, (_, piece) => counted.countOf(piece));
    return { pieces, counts };
  } catch (error) {
    return { error: sentError(error) };
  }
}
