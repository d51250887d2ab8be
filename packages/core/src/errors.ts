import type { Json } from './json.js';

/**
 * Every error code with the type of its `details`. A package adds its own codes by declaration
 * merging, and re-exports the interface that lists them:
 *
 * ```ts
 * export interface CorpusErrors { 'corpus/empty': { source: string } }
 * declare module '@heddle/core' { interface ErrorDetails extends CorpusErrors {} }
 * ```
 */
export interface ErrorDetails {
  /** Two or more shapes that do not fit the operation. */
  'shape-mismatch': { op: string; shapes: readonly (readonly number[])[] };
  /** A dtype that the operation or the backend does not take. */
  'dtype-mismatch': { op: string; dtypes: readonly string[] };
  /** An argument outside its documented range. */
  'invalid-argument': { argument: string; given: Json };
  /** Tensors of two different backends in one operation. */
  'mixed-backends': { op: string; backends: readonly string[] };
  /** A tensor or buffer used after it was freed. */
  'use-after-free': { what: string };
  /** A backend cannot run an operation that nothing can replace. */
  'unsupported-op': { backend: string; op: string };
  /** The device has no room for what was asked. Sizes in bytes. */
  'out-of-memory': { backend: string; asked: number; live: number };
  /** More than the device can hold in one buffer or number. */
  'device-limit': { backend: string; limit: string; asked: number; most: number };
  /** The device is gone: reset, unplugged, its driver ended. What it held is lost. */
  'device-lost': { backend: string; reason: string };
  /** An operation failed on the device. */
  'kernel-failed': { backend: string; op: string };
  /** A plug-in was made for another version of the contracts. */
  'contract-version': { plugin: string; given: number; supported: readonly number[] };
  /** A file that is not what its name or header promises. */
  'bad-file': { path: string; reason: string };
  /** Reading or writing failed: missing, read-only, full. */
  io: { path: string; operation: string };
}

export type ErrorCode = keyof ErrorDetails;

/**
 * The one error class. `code` tells errors apart, `details` has what a program needs, and the
 * message says what was wrong, what was given, and how to mend it.
 */
export class HeddleError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'HeddleError';
  readonly code: Code;
  readonly details: ErrorDetails[Code];

  constructor(code: Code, message: string, details: ErrorDetails[Code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** Whether `error` is a HeddleError (of this code), also when it comes from another copy of this package. */
  static is<Code extends ErrorCode>(error: unknown, code?: Code): error is HeddleError<Code> {
    if (!(error instanceof Error) || error.name !== 'HeddleError' || !('code' in error))
      return false;
    return code === undefined || error.code === code;
  }
}
