import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Bytes asked for in one call of the file system. */
export const CHUNK_BYTES: number = 8 * 1024 * 1024;

/** Fills `target` from the file at `position`; false if the file ends before. */
export async function readFully(
  file: FileHandle,
  target: Uint8Array,
  position: number,
): Promise<boolean> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(CHUNK_BYTES, target.length - done);
    const { bytesRead } = await file.read(target, done, length, position + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

/** Writes all of `source` at the file's current position. */
export async function writeFully(file: FileHandle, source: Uint8Array): Promise<void> {
  for (let done = 0; done < source.length; ) {
    const length = Math.min(CHUNK_BYTES, source.length - done);
    const { bytesWritten } = await file.write(source, done, length);
    done += bytesWritten;
  }
}

/**
 * Writes a file whole or not at all: `write` fills a temporary file beside it, which is synced to
 * the disk and renamed over `path`. If anything fails, `path` is as it was.
 */
export async function replaceFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable (a file system that cannot sync folders needs no help). */
async function syncFolder(path: string): Promise<void> {
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
