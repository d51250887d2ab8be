import { open, readFile, stat } from 'node:fs/promises';
import { HeddleError, withIo } from '@heddle/core';

/** Larger files are refused unread, but for the tensors of a GGUF file. The largest known ones have about 35 MB. */
export const MOST_BYTES: number = 1 << 28;

export function readBytes(path: string): Promise<Uint8Array> {
  return withIo('read', path, async () => {
    const { size } = await stat(path);
    if (size > MOST_BYTES) {
      throw badFile(path, `it has ${size} bytes, more than ${MOST_BYTES}`);
    }
    return readFile(path);
  });
}

export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error), error);
  }
}

export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** The first bytes of a file, or all of it where it has no more than `length`. */
export function readHead(path: string, length: number): Promise<Uint8Array> {
  return withIo('read', path, async () => {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const head = new Uint8Array(Math.min(length, size));
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  });
}

function badFile(path: string, reason: string, cause?: unknown): HeddleError<'bad-file'> {
  const options = cause === undefined ? undefined : { cause };
  return new HeddleError('bad-file', `${path}: ${reason}.`, { path, reason }, options);
}
