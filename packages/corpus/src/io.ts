import { HeddleError } from '@heddle/core';

const HINTS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist; check the path'],
  ['ENOTDIR', 'a part of the path is a file, not a folder; choose another path'],
  ['EISDIR', 'it is a folder, not a file'],
  ['EACCES', 'permission was denied; choose another folder or change its permissions'],
  ['EPERM', 'the operation is not permitted; choose another folder or change its permissions'],
  ['EROFS', 'the file system is read-only; choose another folder'],
  ['ENOSPC', 'the disk is full; free some space or choose another folder'],
  ['EDQUOT', 'the disk quota is used up; free some space or choose another folder'],
  ['EMFILE', 'too many files are open; raise the limit (ulimit -n)'],
]);

/** The system's code of an error (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** A HeddleError `io` about `path`. HeddleErrors are given back as they are. */
export function ioError(error: unknown, operation: string, path: string): Error {
  if (HeddleError.is(error)) return error;
  const code = systemCode(error);
  const why = (code && HINTS.get(code)) ?? (error instanceof Error ? error.message : String(error));
  return new HeddleError(
    'io',
    `Could not ${operation} "${path}"${code ? ` (${code})` : ''}: ${why}.`,
    { path, operation },
    { cause: error },
  );
}

/** Runs `work`; what the file system throws becomes a HeddleError `io` about `path`. */
export async function withIo<T>(
  operation: string,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw ioError(error, operation, path);
  }
}
