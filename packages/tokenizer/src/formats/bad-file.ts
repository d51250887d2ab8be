import { HeddleError } from '@heddle/core';

/** A file that is not what it should be. `path` names what it should be, and the place in it. */
export function badFile(path: string, reason: string, cause?: unknown): HeddleError<'bad-file'> {
  const options = cause === undefined ? undefined : { cause };
  return new HeddleError('bad-file', `${path}: ${reason}.`, { path, reason }, options);
}
