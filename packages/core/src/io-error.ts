import { HeddleError } from './errors.js';

/** By the system's code: what is the matter, and how to mend it. */
const REASONS: ReadonlyMap<string, readonly [why: string, mend: string]> = new Map([
  ['ENOENT', ['no such file or folder', 'Check the path, and that its folder exists.']],
  ['ENOTDIR', ['a part of the path is a file, not a folder', 'Choose another path.']],
  ['EISDIR', ['it is a folder, not a file', 'Name a file.']],
  ['EEXIST', ['there is something of that name', 'Choose another path, or remove what is there.']],
  ['ENOTEMPTY', ['the folder is not empty', 'Choose another path, or remove what is there.']],
  ['EACCES', ['permission denied', 'Choose another path, or change its permissions.']],
  ['EPERM', ['this user may not do that', 'Choose another path, or change its permissions.']],
  ['EROFS', ['the file system is read-only', 'Choose a path on another one.']],
  ['ENOSPC', ['the disk is full', 'Free some space, or choose another disk.']],
  ['EDQUOT', ['the disk quota is used up', 'Free some space, or choose another disk.']],
  ['EFBIG', ['the file is larger than may be written', 'Raise the limit (ulimit -f).']],
  ['EMFILE', ['too many files are open', 'Raise the limit (ulimit -n).']],
  ['EBUSY', ['another program uses it', 'Close that program, or choose another path.']],
  ['EIO', ['the disk failed', 'Check the disk, or choose another one.']],
]);

/**
 * The error `io` for what the file system said: what could not be done, where, why, and how to mend it.
 *
 * @param operation the verb of "Cannot ...": `read`, `write`
 * @param cause what was thrown, e.g. by a function of `node:fs`
 */
export function ioError(operation: string, path: string, cause: unknown): HeddleError<'io'> {
  const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
  const known = typeof code === 'string' ? REASONS.get(code) : undefined;
  const why = known ? `${known[0]} (${code})` : String(message ?? cause);
  const mend = known?.[1] ?? 'Check that it exists, may be used by this user, and has room.';
  return new HeddleError(
    'io',
    `Cannot ${operation} ${path}: ${why}. ${mend}`,
    { path, operation },
    { cause },
  );
}

/**
 * What `action` gives; a failure of the file system becomes an `ioError`. Only errors of system calls
 * are taken for such, others go through as they are.
 */
export async function withIo<T>(
  operation: string,
  path: string,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const isSystems = typeof error === 'object' && error !== null && 'syscall' in error;
    throw isSystems ? ioError(operation, path, error) : error;
  }
}
