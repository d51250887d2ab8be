import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ioError } from '@heddle/core';

/** Why the bytes of a file could not be had to the end. */
export type BadBytes =
  | 'truncated-gzip'
  | 'bad-gzip'
  | 'too-large-inflated'
  | 'unsupported-encoding'
  | 'unreadable';

/** Thrown by `readBytes`; `reason` is what reports count by. */
export class BadBytesError extends Error {
  constructor(
    readonly reason: BadBytes,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether a file's name says that it is gzip-compressed. */
export function isGzip(path: string): boolean {
  return /\.gz$/i.test(path);
}

/**
 * The bytes of a file in pieces, inflated where its name ends in `.gz`. No more than `maxInflated`
 * bytes come out of a compressed file, however little it takes on disk.
 */
export async function* readBytes(
  path: string,
  gzip: boolean,
  maxInflated: number,
): AsyncGenerator<Buffer> {
  const raw = createReadStream(path, { highWaterMark: 256 * 1024 });
  // `pipeline` hands errors on and closes both ends, also when this generator is left early.
  const stream = gzip ? pipeline(raw, createGunzip({ chunkSize: 256 * 1024 }), () => {}) : raw;
  let total = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      total += piece.length;
      if (gzip && total > maxInflated) {
        throw new BadBytesError(
          'too-large-inflated',
          `inflates to more than the ${maxInflated} bytes that "maxInflatedBytes" allows`,
        );
      }
      yield piece;
    }
  } catch (error) {
    throw explained(error, path);
  } finally {
    raw.destroy();
  }
}

function explained(error: unknown, path: string): Error {
  if (error instanceof BadBytesError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'Z_BUF_ERROR':
      return new BadBytesError('truncated-gzip', 'the gzip data end too early', { cause: error });
    case 'Z_DATA_ERROR':
    case 'Z_NEED_DICT':
      return new BadBytesError('bad-gzip', 'the gzip data are damaged', { cause: error });
    default: {
      const io = ioError('read', path, error);
      return new BadBytesError('unreadable', io.message, { cause: io });
    }
  }
}
