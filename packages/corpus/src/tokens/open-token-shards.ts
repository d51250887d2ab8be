import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { HeddleError, type Json, type Tokenizer, withIo } from '@heddle/core';
import { requireInteger } from '../argument.js';
import { badFile, isObject, readJson } from '../read-json.js';
import { tokenizerFingerprint } from './fingerprint.js';
import {
  checkIndex,
  decodeHeader,
  decodeTokens,
  HEADER_BYTES,
  INDEX_HEADER_BYTES,
  type ShardHeader,
  shardFile,
  TOKEN_BYTES,
  type TokenDType,
  VERSION,
} from './format.js';
import { requireRange, type TokenSequence } from './token-sequence.js';
import { TOKENS_FILE } from './write-token-shards.js';

/** Token shards on disk as one sequence. Close it when done. */
export interface TokenShards extends TokenSequence, AsyncDisposable {
  readonly dtype: TokenDType;
  readonly vocabSize: number;
  readonly endOfText: number;
  readonly documents: number;
  /** UTF-8 bytes of the text. */
  readonly textBytes: number;
  /** `tokenizerFingerprint` of the tokenizer that wrote them. */
  readonly fingerprint: string;
  /** The tokens of document number `number`, end-of-text included. */
  document(number: number): Promise<Int32Array>;
  close(): Promise<void>;
}

interface Shard extends ShardHeader {
  readonly data: OpenFile;
  readonly index: OpenFile;
  /** Tokens and documents in the shards before. */
  readonly firstToken: number;
  readonly firstDocument: number;
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly bytes: number;
}

/** More shards than this are refused, so that a lying `tokens.json` cannot use up the file handles. */
const MAX_SHARDS = 4096;

/**
 * Opens what `writeTokenShards` wrote. Every header, size and sum is checked now; ids are checked
 * against the vocabulary as they are read. Tokens are read where and when they are asked for.
 *
 * @throws HeddleError `io`, `bad-file` (missing, truncated, lying), `corpus/version`,
 *   `corpus/tokenizer-mismatch` if `tokenizer` is given and is not the one they were written with.
 */
export async function openTokenShards(
  directory: string,
  options: { readonly tokenizer?: Tokenizer } = {},
): Promise<TokenShards> {
  const path = join(directory, TOKENS_FILE);
  const report = await readJson(path, 'heddle-tokens', VERSION);
  const listed = Array.isArray(report.shards) ? report.shards.length : 0;
  if (listed < 1 || listed > MAX_SHARDS) {
    throw badFile(path, `it lists ${listed} shards, not 1 to ${MAX_SHARDS}`);
  }
  const shards: Shard[] = [];
  const closeAll = async (): Promise<void> => {
    for (const { data, index } of shards) {
      await data.handle.close();
      await index.handle.close();
    }
  };
  try {
    for (let number = 0; number < listed; number++) {
      const before = shards.at(-1);
      const firstToken = before ? before.firstToken + before.tokens : 0;
      const firstDocument = before ? before.firstDocument + before.documents : 0;
      shards.push({ ...(await openShard(directory, number)), firstToken, firstDocument });
    }
    checkReport(path, report, shards);
    if (options.tokenizer) checkTokenizer(directory, shards[0], options.tokenizer);
  } catch (error) {
    await closeAll();
    throw error;
  }
  return tokenShards(shards, closeAll);
}

async function openShard(
  directory: string,
  number: number,
): Promise<Omit<Shard, 'firstToken' | 'firstDocument'>> {
  const data = await openFile(join(directory, shardFile(number, 'bin')));
  try {
    const start = await readAt(data, 0, Math.min(HEADER_BYTES, data.bytes));
    const header = decodeHeader(start, data.path, data.bytes);
    const index = await openFile(join(directory, shardFile(number, 'idx')));
    try {
      const indexStart = await readAt(index, 0, Math.min(INDEX_HEADER_BYTES, index.bytes));
      checkIndex(indexStart, index.path, index.bytes, header.documents);
    } catch (error) {
      await index.handle.close();
      throw error;
    }
    return { ...header, data, index };
  } catch (error) {
    await data.handle.close();
    throw error;
  }
}

async function openFile(path: string): Promise<OpenFile> {
  return withIo('open', path, async () => {
    const handle = await open(path, 'r');
    return { path, handle, bytes: (await handle.stat()).size };
  });
}

/** Exactly `length` bytes from `position` on, in a buffer of their own. */
async function readAt(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await withIo('read', file.path, () =>
      file.handle.read(bytes, done, length - done, position + done),
    );
    if (bytesRead === 0) throw badFile(file.path, 'it was cut short while it was open');
    done += bytesRead;
  }
  return bytes;
}

/** `tokens.json` and the shards must tell one story. */
function checkReport(
  path: string,
  report: { readonly [key: string]: Json },
  shards: readonly Shard[],
): void {
  const sum = (field: 'tokens' | 'documents' | 'textBytes'): number =>
    shards.reduce((total, shard) => total + shard[field], 0);
  const found = { tokens: sum('tokens'), documents: sum('documents'), textBytes: sum('textBytes') };
  for (const [field, value] of Object.entries(found)) {
    if (report[field] === value) continue;
    throw badFile(path, `its ${field} are ${JSON.stringify(report[field])}, the shards' ${value}`);
  }
  for (const field of ['dtype', 'vocabSize', 'endOfText', 'fingerprint'] as const) {
    for (const shard of shards) {
      if (report[field] === shard[field]) continue;
      throw badFile(shard.data.path, `its ${field} is not that of ${TOKENS_FILE}`);
    }
  }
  const listed = report.shards as readonly Json[];
  for (const [number, { tokens, documents }] of shards.entries()) {
    const entry = listed[number];
    if (isObject(entry) && entry.tokens === tokens && entry.documents === documents) continue;
    throw badFile(path, `its entry for shard ${number} is not what that shard's header says`);
  }
}

function checkTokenizer(directory: string, { fingerprint }: Shard, tokenizer: Tokenizer): void {
  const given = tokenizerFingerprint(tokenizer);
  if (given === fingerprint) return;
  throw new HeddleError(
    'corpus/tokenizer-mismatch',
    `The shards in "${directory}" were written with tokenizer ${fingerprint}, given was ${given}. Use that tokenizer, or write the shards anew.`,
    { directory, written: fingerprint, given },
  );
}

function tokenShards(shards: readonly Shard[], close: () => Promise<void>): TokenShards {
  const { dtype, vocabSize, endOfText, fingerprint } = shards[0];
  const last = shards[shards.length - 1];
  const length = last.firstToken + last.tokens;
  const documents = last.firstDocument + last.documents;

  const read = async (start: number, count: number): Promise<Int32Array> => {
    requireRange(start, count, length);
    const ids = new Int32Array(count);
    for (let done = 0; done < count; ) {
      const shard = lastAt(shards, 'firstToken', start + done);
      const from = start + done - shard.firstToken;
      const part = await readTokens(shard, from, Math.min(count - done, shard.tokens - from));
      ids.set(part, done);
      done += part.length;
    }
    return ids;
  };
  const document = async (number: number): Promise<Int32Array> => {
    requireInteger('number', number, 0, documents - 1);
    const shard = lastAt(shards, 'firstDocument', number);
    const [start, end] = await documentRange(shard, number - shard.firstDocument);
    return readTokens(shard, start, end - start);
  };
  return {
    // What they hold, not where they lie: a run that was moved goes on with them.
    name: `${length} tokens of ${fingerprint}`,
    length,
    documents,
    dtype,
    vocabSize,
    endOfText,
    fingerprint,
    textBytes: shards.reduce((total, shard) => total + shard.textBytes, 0),
    read,
    document,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The last shard whose `first` is not past `position`. */
function lastAt(
  shards: readonly Shard[],
  first: 'firstToken' | 'firstDocument',
  position: number,
): Shard {
  let low = 0;
  let high = shards.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (shards[middle][first] <= position) low = middle;
    else high = middle;
  }
  return shards[low];
}

async function readTokens(shard: Shard, start: number, count: number): Promise<Int32Array> {
  const width = TOKEN_BYTES[shard.dtype];
  const bytes = await readAt(shard.data, HEADER_BYTES + start * width, count * width);
  const ids = decodeTokens(bytes, shard.dtype);
  for (const id of ids) {
    if (id >= 0 && id < shard.vocabSize) continue;
    throw badFile(shard.data.path, `it holds id ${id}, its vocabulary has ${shard.vocabSize}`);
  }
  return ids;
}

/** Where a document begins and ends in its shard. */
async function documentRange(shard: Shard, number: number): Promise<[number, number]> {
  const first = Math.max(number - 1, 0);
  const at = INDEX_HEADER_BYTES + first * 8;
  const bytes = await readAt(shard.index, at, (number - first + 1) * 8);
  const start = number === 0 ? 0 : Number(bytes.readBigUInt64LE(0));
  const end = Number(bytes.readBigUInt64LE(bytes.length - 8));
  if (start < end && end <= shard.tokens) return [start, end];
  throw badFile(shard.index.path, `document ${number} is said to go from ${start} to ${end}`);
}
