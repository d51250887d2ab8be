import { join } from 'node:path';
import {
  type Cursor,
  type Document,
  HeddleError,
  type Item,
  type Json,
  type ReadOptions,
  type Source,
} from '@heddle/core';
import { refuse, requireInteger } from '../argument.js';
import { badFile, isCount, isObject, readJson } from '../read-json.js';
import { BadBytesError, readBytes } from '../sources/bytes.js';
import { splitLines } from '../sources/lines.js';
import { REPORT_FILE } from './build-corpus.js';
import { shardName } from './document-shards.js';
import type { SplitName } from './split.js';

/** A line is one document, escaped; no string could hold more. */
const MAX_LINE_BYTES = 512 * 1024 ** 2;

/**
 * The documents of one split of a corpus that `buildCorpus` wrote, in their order. Ranks share
 * them evenly; a cursor goes on exactly after its document.
 *
 * @throws HeddleError, when read: `io`, `bad-file` (damaged, truncated or not a corpus),
 *   `corpus/version`, `corpus/bad-cursor`.
 */
export function readCorpus(directory: string, split: SplitName): Source<Document> {
  if (split !== 'train' && split !== 'validation') {
    refuse('split', split, 'be "train" or "validation"');
  }
  return { name: `${directory}/${split}`, read: (at) => readSplit(directory, split, at) };
}

async function* readSplit(
  directory: string,
  split: SplitName,
  { rank, worldSize, after }: ReadOptions,
): AsyncGenerator<Item<Document>> {
  requireInteger('worldSize', worldSize, 1);
  requireInteger('rank', rank, 0, worldSize - 1);
  const shards = await shardSizes(join(directory, REPORT_FILE), split);
  const total = shards.reduce((sum, documents) => sum + documents, 0);
  const next = after === undefined ? 0 : documentAfter(after, total, `${directory}/${split}`);
  let first = 0;
  for (const [shard, documents] of shards.entries()) {
    if (first + documents > next) {
      const path = join(directory, shardName(split, shard));
      for await (const { line, source } of readLines(path, documents)) {
        const number = first + line - 1;
        if (number < next || number % worldSize !== rank) continue;
        yield { value: parseDocument(source, path, line), cursor: { document: number } };
      }
    }
    first += documents;
  }
}

/** How many documents each shard of a split should have. */
async function shardSizes(path: string, split: SplitName): Promise<number[]> {
  const report = await readJson(path, 'heddle-corpus', 1);
  const splits = Array.isArray(report.splits) ? (report.splits as readonly Json[]) : [];
  const found = splits.find((entry) => isObject(entry) && entry.name === split);
  if (found === undefined) {
    throw badFile(path, `it lists no ${split} split (was it built with validation: 0?)`);
  }
  const shards = isObject(found) && Array.isArray(found.shards) ? found.shards : [];
  return shards.map((shard: Json, i) => {
    // Names come from the number, never from the file, so they cannot lead elsewhere.
    if (isObject(shard) && shard.file === shardName(split, i) && isCount(shard.documents)) {
      return shard.documents;
    }
    throw badFile(path, `its list of ${split} shards is damaged`);
  });
}

async function* readLines(
  path: string,
  documents: number,
): AsyncGenerator<{ readonly line: number; readonly source: string }> {
  let lines = 0;
  try {
    const pieces = readBytes(path, true, Number.MAX_SAFE_INTEGER);
    for await (const { number, bytes } of splitLines(pieces, MAX_LINE_BYTES)) {
      if (bytes === undefined)
        throw badFile(path, `line ${number} is over ${MAX_LINE_BYTES} bytes`);
      lines = number;
      yield { line: number, source: bytes.toString('utf8') };
    }
  } catch (error) {
    if (!(error instanceof BadBytesError)) throw error;
    throw error.reason === 'unreadable' ? error.cause : badFile(path, error.message, error);
  }
  if (lines !== documents) {
    throw badFile(path, `it has ${lines} documents, its report says ${documents}`);
  }
}

function parseDocument(source: string, path: string, line: number): Document {
  let value: Json | undefined;
  try {
    value = JSON.parse(source) as Json;
  } catch {
    value = undefined;
  }
  if (isObject(value)) {
    const { id, text, meta } = value;
    if (typeof id === 'string' && typeof text === 'string' && isObject(meta)) {
      return { id, text, meta };
    }
  }
  throw badFile(path, `line ${line} is not a document`);
}

function documentAfter(cursor: Cursor, total: number, source: string): number {
  const number = isObject(cursor) ? cursor.document : undefined;
  if (isCount(number) && number < total) return number + 1;
  const reason = `it names no document of the ${total} that there are`;
  throw new HeddleError(
    'corpus/bad-cursor',
    `Cannot go on reading "${source}" after ${JSON.stringify(cursor)}: ${reason}. Start over without "after".`,
    { source, cursor, reason },
  );
}
