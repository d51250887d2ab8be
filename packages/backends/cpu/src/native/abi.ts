import { HeddleError } from '@heddle/core';
import type { Memory } from '../memory.js';

/** HD_ABI of native/heddle.h that this package speaks. */
export const ABI = 5;

/** What happened when a kernel ran, as native/heddle.h numbers it. */
export const OK = 0;
export const BAD_INDEX = 2;

export type NativeArgument = number | bigint | ArrayBufferView | null;

/** Calls a kernel and returns its status: OK or BAD_INDEX; everything else has thrown. */
export type NativeCall = (...args: readonly NativeArgument[]) => number;

/** Kernels of one instruction set, on one pool of threads. */
export interface NativeLibrary {
  readonly threads: number;
  /** Where operands of the kernels live best. */
  readonly memory: Memory;
  /** Binds kernel `name`; `types` are the C types of its arguments after the pool. */
  bind(name: string, types: readonly string[]): NativeCall;
  /** The address of an array's elements, for arrays of pointers. */
  address(array: ArrayBufferView): bigint;
  /** Lets go of the threads. Calls throw afterwards. */
  close(): void;
}

/** Returns the status of kernel `name`; throws where it had no memory: `bytes` says for how many, beside how many. */
export function checked(
  name: string,
  status: number,
  bytes: () => { readonly asked: number; readonly live: number },
): number {
  if (status === OK || status === BAD_INDEX) return status;
  const { asked, live } = bytes();
  throw new HeddleError(
    'out-of-memory',
    `cpu: no memory for the ${asked} bytes of working space of ${name}. Use a smaller batch or model.`,
    { backend: 'cpu', asked, live },
  );
}

export function closedError(name: string): HeddleError {
  return new HeddleError('use-after-free', `cpu: ${name} after the backend was disposed.`, {
    what: name,
  });
}
