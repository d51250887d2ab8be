import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HeddleError, ioError, type Json } from '@heddle/core';

/** No config or index of a real model comes near. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a JSON file; undefined if there is none.
 *
 * @throws `bad-file` if it is too large or not JSON; `io` if it cannot be read
 */
export async function readJson(path: string): Promise<Json | undefined> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw badFile(path, `has ${size} bytes, more than ${MAX_BYTES}`);
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (HeddleError.is(cause)) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw ioError('read', path, cause);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw badFile(path, `is not valid JSON (${(cause as Error).message}); it may be truncated`);
  }
}

/** Writes a JSON file whole or not at all. @throws `io` */
export async function writeJson(path: string, value: Json): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw ioError('write', path, cause);
  }
}

export function badFile(path: string, reason: string): HeddleError<'bad-file'> {
  return new HeddleError('bad-file', `${path} ${reason}.`, { path, reason });
}
