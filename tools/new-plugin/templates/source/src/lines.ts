import { open } from 'node:fs/promises';
import {
  type Document,
  HeddleError,
  type Item,
  ioError,
  type ReadOptions,
  type Source,
} from '@heddle/core';

export interface LinesOptions {
  /** A text file in UTF-8. */
  readonly file: string;
}

/** Every line of a text file as a document; blank lines are left out. The cursor is the line's number, from 1. */
export function lines({ file }: LinesOptions): Source<Document> {
  return { name: 'part-name', read: (at) => read(file, at) };
}

async function* read(file: string, at: ReadOptions): AsyncGenerator<Item<Document>> {
  const after = lineOf(at.after ?? 0);
  let line = 0;
  for await (const text of textLines(file)) {
    line++;
    if (line <= after || line % at.worldSize !== at.rank || text.trim() === '') continue;
    yield { value: { id: `${file}:${line}`, text, meta: {} }, cursor: line };
  }
}

/** The lines of a file, which is closed when they end, fail, or nobody wants more. */
async function* textLines(file: string): AsyncGenerator<string> {
  const handle = await open(file).catch((error: unknown) => {
    throw ioError('open', file, error);
  });
  try {
    yield* handle.readLines({ encoding: 'utf8' });
  } catch (error) {
    throw ioError('read', file, error);
  } finally {
    await handle.close();
  }
}

function lineOf(cursor: unknown): number {
  if (Number.isSafeInteger(cursor)) return cursor as number;
  throw new HeddleError(
    'invalid-argument',
    `${JSON.stringify(cursor)} is not a cursor of this source; those are line numbers. Read from the start instead.`,
    { argument: 'after', given: String(cursor) },
  );
}
