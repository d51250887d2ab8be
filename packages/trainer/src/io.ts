import { open } from 'node:fs/promises';
import { HeddleError } from '@heddle/core';

/** Runs `action`; a failure of the file system becomes an `io` error that names the path. */
export async function guardIo<T>(
  path: string,
  operation: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause;
    throw new HeddleError(
      'io',
      `Cannot ${operation} ${path}: ${cause.message}. Check that the folder exists, may be used by this user, and has room.`,
      { path, operation },
      { cause },
    );
  }
}

/** Writes `value` as JSON and waits until it is on the disk. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable (a file system that cannot sync folders needs no help). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'EISDIR') throw error;
  } finally {
    await folder.close();
  }
}
