import { open } from 'node:fs/promises';
import { HeddleError, type Json, withIo } from '@heddle/core';

/** Far more than any folder of shards needs. */
const MAX_BYTES = 32 * 1024 ** 2;

/** The object in one of this package's own JSON files, whose `format` and `version` must fit. */
export async function readJson(
  path: string,
  format: string,
  version: number,
): Promise<{ readonly [key: string]: Json }> {
  const source = await withIo('read', path, async () => {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > MAX_BYTES) throw badFile(path, `it has ${size} bytes, more than ${MAX_BYTES}`);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  });
  let value: Json;
  try {
    value = JSON.parse(source) as Json;
  } catch (error) {
    throw badFile(path, 'it is not JSON', error);
  }
  if (!isObject(value) || value.format !== format) {
    throw badFile(path, `it does not say "format": "${format}"`);
  }
  if (value.version !== version) {
    const given = value.version ?? null;
    throw new HeddleError(
      'corpus/version',
      `"${path}" is of version ${JSON.stringify(given)}, this @heddle/corpus reads version ${version}. ` +
        'Build it anew, or install the version of @heddle/corpus that wrote it.',
      { path, given, supported: version },
    );
  }
  return value;
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is an integer from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A HeddleError `bad-file`: `path` is not what it should be, because `reason`. */
export function badFile(path: string, reason: string, cause?: unknown): HeddleError<'bad-file'> {
  return new HeddleError(
    'bad-file',
    `"${path}" cannot be read: ${reason}. It is damaged or was not written by @heddle/corpus; build it anew.`,
    { path, reason },
    { cause },
  );
}
