import {
  type Cursor,
  HeddleError,
  type Item,
  type ReadOptions,
  type Source,
  type TokenBatch,
} from '@heddle/core';
import { requireInteger } from '../argument.js';
import { isCount, isObject } from '../read-json.js';
import { requireEndOfText } from './packed-batches.js';
import { writeSegments } from './segments.js';
import type { TokenSequence } from './token-sequence.js';

/** A target that counts for nothing. */
const IGNORED = -100;

export interface SequentialBatchesOptions {
  /** Rows of a batch. */
  readonly rows: number;
  /** Positions of a row. */
  readonly length: number;
  /** Number the documents of each row in `segments`; padding is 0. Default false. */
  readonly segments?: boolean;
}

/**
 * Evaluation batches: windows of `length` tokens in order, once, with nothing left out: every
 * token but the very first is a target exactly once. What does not fill the last row, and rows
 * that do not fill the last batch, are padded: targets -100, ids end-of-text (or 0).
 * `ids, targets: [rows, length]`. Ranks take whole batches in turn. Cursor: `{ batch }`.
 *
 * @throws HeddleError, when read: `corpus/too-small` for fewer than two tokens, `corpus/bad-cursor`.
 */
export function sequentialBatches(
  sequence: TokenSequence,
  options: SequentialBatchesOptions,
): Source<TokenBatch> {
  const { rows, length, segments = false } = options;
  requireInteger('rows', rows, 1);
  requireInteger('length', length, 1);
  if (segments) requireEndOfText(sequence);
  return {
    name: `sequential(${sequence.name})`,
    read: (at) => readSequential(sequence, { rows, length, segments }, at),
  };
}

async function* readSequential(
  sequence: TokenSequence,
  options: Required<SequentialBatchesOptions>,
  { rank, worldSize, after }: ReadOptions,
): AsyncGenerator<Item<TokenBatch>> {
  requireInteger('worldSize', worldSize, 1);
  requireInteger('rank', rank, 0, worldSize - 1);
  const targets = sequence.length - 1;
  if (targets < 1) {
    throw new HeddleError(
      'corpus/too-small',
      `"${sequence.name}" has ${sequence.length} tokens; predicting one needs 2. Add text.`,
      { tokens: sequence.length, needed: 2 },
    );
  }
  const batches = Math.ceil(targets / (options.rows * options.length));
  const next = after === undefined ? 0 : batchAfter(after, batches, sequence);
  for (let batch = next; batch < batches; batch++) {
    if (batch % worldSize !== rank) continue;
    yield { value: await readBatch(sequence, batch, options), cursor: { batch } };
  }
}

async function readBatch(
  sequence: TokenSequence,
  batch: number,
  { rows, length, segments }: Required<SequentialBatchesOptions>,
): Promise<TokenBatch> {
  const size = rows * length;
  const start = batch * size;
  // Windows in order are one run of tokens: window after window, row after row.
  const used = Math.min(size, sequence.length - 1 - start);
  const tokens = await sequence.read(start, used + 1);
  const ids = new Int32Array(size).fill(sequence.endOfText ?? 0); // [rows, length]
  const targets = new Int32Array(size).fill(IGNORED); // [rows, length]
  ids.set(tokens.subarray(0, used));
  targets.set(tokens.subarray(1));
  if (!segments || sequence.endOfText === undefined) return { rows, length, ids, targets };
  const numbers = new Int32Array(size); // [rows, length]
  writeSegments(ids, numbers, length, sequence.endOfText, used);
  return { rows, length, ids, targets, segments: numbers };
}

function batchAfter(cursor: Cursor, batches: number, sequence: TokenSequence): number {
  const batch = isObject(cursor) ? cursor.batch : undefined;
  if (isCount(batch) && batch < batches) return batch + 1;
  const reason = `it names no batch of the ${batches} that there are`;
  throw new HeddleError(
    'corpus/bad-cursor',
    `Cannot go on reading "${sequence.name}" after ${JSON.stringify(cursor)}: ${reason}. Start over without "after".`,
    { source: sequence.name, cursor, reason },
  );
}
