import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HeddleError, type Json, withIo } from '@heddle/core';

/** A configuration is some kilobytes; label lists can make it larger. */
const MOST_BYTES = 64 * 1024 * 1024;

type JsonObject = { readonly [key: string]: Json };

/** Reads a JSON object. Errors: `io`; `bad-file` for what is too large or no JSON object. */
export async function readJsonObject(path: string): Promise<JsonObject> {
  const text = await withIo('read', path, async () => {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > MOST_BYTES) throw badFile(path, `it has ${size} bytes, more than ${MOST_BYTES}`);
    return await file.readFile('utf8');
  });
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw badFile(path, `it is not JSON (${(cause as Error).message})`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw badFile(path, 'it holds no JSON object');
}

/** Writes a JSON object, whole or not at all. Errors: `io`. */
export async function writeJsonObject(path: string, value: Json): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  await withIo('write', path, async () => {
    try {
      {
        await using file = await open(temporary, 'wx');
        await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
        await file.sync();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/** Makes a folder if it is not there, and gives the paths of files in it. Errors: `io`. */
export async function folder(directory: string): Promise<(name: string) => string> {
  await withIo('create', directory, () => mkdir(directory, { recursive: true }));
  return (name) => join(directory, name);
}

export function badFile(path: string, reason: string): HeddleError {
  return new HeddleError('bad-file', `${path} cannot be used: ${reason}.`, { path, reason });
}
