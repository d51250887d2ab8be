import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document, Item, ReadOptions, Source, Tokenizer } from '@heddle/core';
import { afterAll } from 'vitest';
import type { DocumentSource, DocumentStage, Drop } from '../src/index.js';

export const WHOLE: ReadOptions = { rank: 0, worldSize: 1 };

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A folder of this test file's own, gone after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-corpus-'));
  folders.push(folder);
  return folder;
}

/** Writes files, given by their paths below `folder`. */
export async function write(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

export async function collect<T>(items: AsyncIterable<Item<T>>): Promise<T[]> {
  const values: T[] = [];
  for await (const { value } of items) values.push(value);
  return values;
}

/** What a source gives and what it leaves out. */
export async function readWithDrops(
  source: DocumentSource,
): Promise<{ documents: Document[]; drops: Drop[] }> {
  const drops: Drop[] = [];
  const documents = await collect(source.read(WHOLE, (drop) => drops.push(drop)));
  return { documents, drops };
}

export function document(text: string, id = 'a', meta: Document['meta'] = {}): Document {
  return { id, text, meta };
}

/** Documents in memory; a string is a text. */
export function memory(documents: readonly (string | Document)[]): Source<Document> {
  return {
    name: 'memory',
    async *read({ rank, worldSize, after }) {
      for (const [i, given] of documents.entries()) {
        if (i % worldSize !== rank || (typeof after === 'number' && i <= after)) continue;
        yield { value: typeof given === 'string' ? document(given, `d${i}`) : given, cursor: i };
      }
    },
  };
}

/** What a stage makes of documents. */
export async function apply(
  stage: DocumentStage,
  documents: readonly (string | Document)[],
): Promise<{ documents: Document[]; drops: Drop[] }> {
  const drops: Drop[] = [];
  const items = stage(memory(documents).read(WHOLE), (drop) => drops.push(drop));
  return { documents: await collect(items), drops };
}

/** The UTF-8 bytes of a text as ids, and 256 as `<|endoftext|>`. */
export function byteTokenizer(vocabSize = 257): Tokenizer {
  return {
    vocabSize,
    encode: (text) => ({ ids: Int32Array.from(Buffer.from(text)) }),
    decode: (ids) => Buffer.from(Array.from(ids).filter((id) => id < 256)).toString(),
    idOf: (token) => (token === '<|endoftext|>' ? 256 : undefined),
    tokenOf: (id) => (id === 256 ? '<|endoftext|>' : undefined),
    toJSON: () => ({ model: 'bytes', vocabSize }),
  };
}

const SHARED = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** A path in the shared data, and why a test that needs it is to be skipped. */
export function shared(path: string): {
  readonly path: string;
  readonly missing: string | undefined;
} {
  const full = join(SHARED, path);
  return { path: full, missing: existsSync(full) ? undefined : `${full} is not on this machine` };
}
