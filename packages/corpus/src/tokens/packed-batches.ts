import {
  type Cursor,
  fold,
  HeddleError,
  type Item,
  permutation,
  type ReadOptions,
  rngKey,
  type Source,
  type TokenBatch,
} from '@heddle/core';
import { refuse, requireInteger } from '../argument.js';
import { isCount, isObject } from '../read-json.js';
import { writeSegments } from './segments.js';
import type { TokenSequence } from './token-sequence.js';

export interface PackedBatchesOptions {
  /** Rows of a batch (of each rank). */
  readonly rows: number;
  /** Positions of a row. */
  readonly length: number;
  /** Seed of the shuffle (any safe integer). */
  readonly seed: number;
  /** A new order each epoch. Default true; false reads from front to back. */
  readonly shuffle?: boolean;
  /** How often to read everything. Default: without end. */
  readonly epochs?: number;
  /** Number the documents of each row in `segments`, so that attention can keep them apart. Default false. */
  readonly segments?: boolean;
}

/**
 * Training batches for causal language models: the sequence is cut into windows of `length`
 * tokens (`ids: [rows, length]`), and the targets are the next tokens (`targets: [rows, length]`),
 * so a window reads `length + 1` tokens and shares the last with the next window.
 *
 * In an epoch every token is a target exactly once, except the very first token, at the end fewer
 * than `length` tokens, and fewer than `rows × worldSize` windows that do not fill a batch for
 * every rank (with `shuffle`, other ones each epoch). The order is a permutation keyed by seed and
 * epoch, computed and not stored, so it costs no memory. Ranks take rows of one global batch.
 *
 * The cursor `{ epoch, index }` counts windows that all ranks together have taken: resuming is
 * exact, also with another number of rows or ranks.
 *
 * @throws HeddleError, when read: `corpus/too-small`, `corpus/bad-cursor`, `invalid-argument`.
 */
export function packedBatches(
  sequence: TokenSequence,
  options: PackedBatchesOptions,
): Source<TokenBatch> {
  const { rows, length, seed, shuffle = true, segments = false } = options;
  const { epochs = Number.POSITIVE_INFINITY } = options;
  requireInteger('rows', rows, 1);
  requireInteger('length', length, 1);
  requireInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  if (epochs !== Number.POSITIVE_INFINITY) requireInteger('epochs', epochs, 0);
  if (segments) requireEndOfText(sequence);
  return {
    name: `packed(${sequence.name})`,
    read: (at) => readPacked(sequence, { rows, length, seed, shuffle, epochs, segments }, at),
  };
}

/** `segments` needs to know where documents end. */
export function requireEndOfText(sequence: TokenSequence): void {
  if (sequence.endOfText !== undefined) return;
  refuse('segments', true, `be false for "${sequence.name}", which has no end-of-text id`);
}

async function* readPacked(
  sequence: TokenSequence,
  options: Required<PackedBatchesOptions>,
  { rank, worldSize, after }: ReadOptions,
): AsyncGenerator<Item<TokenBatch>> {
  requireInteger('worldSize', worldSize, 1);
  requireInteger('rank', rank, 0, worldSize - 1);
  const { rows, length, seed, shuffle, epochs } = options;
  const windows = Math.max(0, Math.floor((sequence.length - 1) / length));
  const together = rows * worldSize;
  if (windows < together) throw tooSmall(sequence, together * length + 1, options, worldSize);
  const start = after === undefined ? { epoch: 0, index: 0 } : position(after, windows, sequence);
  const key = fold(rngKey(seed), 'packing');
  for (let { epoch, index } = start; epoch < epochs; epoch++, index = 0) {
    const order = shuffle ? permutation(fold(key, epoch), windows) : (i: number): number => i;
    for (; index + together <= windows; index += together) {
      const mine = Array.from({ length: rows }, (_, row) => order(index + rank * rows + row));
      const value = await readBatch(sequence, mine, options);
      yield { value, cursor: { epoch, index: index + together } };
    }
  }
}

/** The batch of some windows. `windows: [rows]` */
async function readBatch(
  sequence: TokenSequence,
  windows: readonly number[],
  { rows, length, segments }: Required<PackedBatchesOptions>,
): Promise<TokenBatch> {
  const ids = new Int32Array(rows * length); // [rows, length]
  const targets = new Int32Array(rows * length); // [rows, length]
  const reads = windows.map((window) => sequence.read(window * length, length + 1));
  for (const [row, tokens] of (await Promise.all(reads)).entries()) {
    ids.set(tokens.subarray(0, length), row * length);
    targets.set(tokens.subarray(1), row * length);
  }
  const batch = { rows, length, ids, targets };
  if (!segments || sequence.endOfText === undefined) return batch;
  const numbers = new Int32Array(rows * length); // [rows, length]
  writeSegments(ids, numbers, length, sequence.endOfText, rows * length);
  return { ...batch, segments: numbers };
}

function tooSmall(
  sequence: TokenSequence,
  needed: number,
  { rows, length }: PackedBatchesOptions,
  worldSize: number,
): HeddleError<'corpus/too-small'> {
  const ranks = worldSize === 1 ? '' : ` on ${worldSize} ranks`;
  return new HeddleError(
    'corpus/too-small',
    `"${sequence.name}" has ${sequence.length} tokens; one batch of ${rows} rows × ${length} positions${ranks} needs ${needed}. ` +
      'Add text, or take fewer rows or a shorter length.',
    { tokens: sequence.length, needed },
  );
}

function position(
  cursor: Cursor,
  windows: number,
  sequence: TokenSequence,
): { epoch: number; index: number } {
  if (isObject(cursor)) {
    const { epoch, index } = cursor;
    if (isCount(epoch) && isCount(index) && index <= windows) return { epoch, index };
  }
  const reason = `it is not { epoch, index } with an index up to the ${windows} windows that there are`;
  throw new HeddleError(
    'corpus/bad-cursor',
    `Cannot go on reading "${sequence.name}" after ${JSON.stringify(cursor)}: ${reason}. Use the shards and the length of the run that made it, or start over.`,
    { source: sequence.name, cursor, reason },
  );
}
