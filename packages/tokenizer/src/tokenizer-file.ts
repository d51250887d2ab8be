import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { HeddleError, type Tokenizer, withIo } from '@heddle/core';
import type { TextTokenizer } from './tokenizer.js';
import { tokenizerFromJson } from './tokenizer-json.js';

/** Larger files are refused unread. The largest known ones have about 35 MB. */
const MOST_BYTES = 1 << 28;

/**
 * Reads a `tokenizer.json`.
 *
 * @throws HeddleError `io` where it cannot be read, `bad-file` where it is not JSON, and all that
 * `tokenizerFromJson` throws
 */
export async function loadTokenizer(path: string): Promise<TextTokenizer> {
  const json = parse(path, await read(path));
  try {
    return tokenizerFromJson(json);
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    throw new HeddleError(error.code, `${path}: ${error.message}`, error.details, { cause: error });
  }
}

function read(path: string): Promise<Uint8Array> {
  return withIo('read', path, async () => {
    const { size } = await stat(path);
    if (size > MOST_BYTES) {
      throw badFile(path, `it has ${size} bytes, more than ${MOST_BYTES}`);
    }
    return readFile(path);
  });
}

function parse(path: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Writes `tokenizer.json`, which Hugging Face's libraries read too. A file of that name is replaced
 * only once the new one is whole.
 *
 * @throws HeddleError `io`
 */
export async function saveTokenizer(tokenizer: Tokenizer, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await withIo('write', path, async () => {
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(`${JSON.stringify(tokenizer.toJSON(), null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

function badFile(path: string, reason: string, cause?: unknown): HeddleError<'bad-file'> {
  return new HeddleError(
    'bad-file',
    `${path} is no tokenizer.json: ${reason}.`,
    { path, reason },
    { cause },
  );
}
