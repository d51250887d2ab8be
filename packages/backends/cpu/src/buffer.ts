import { BYTES, type DeviceBuffer, type DType, HeddleError, type TypedArray } from '@heddle/core';
import type { Block, MemoryPool } from './pool.js';

/** A buffer of this backend: elements in a block of memory, until it is freed. */
export class CpuBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly size: number;
  readonly #pool: MemoryPool;
  #block: Block | undefined;
  readonly #data: TypedArray;

  constructor(pool: MemoryPool, size: number, dtype: DType) {
    this.dtype = dtype;
    this.size = size;
    this.#pool = pool;
    this.#block = pool.take(size * BYTES[dtype]);
    this.#data = arrayOf(this.#block, size, dtype);
  }

  /** Whether it lives in this pool. */
  belongsTo(pool: MemoryPool): boolean {
    return this.#pool === pool;
  }

  /** The elements; `what` names the use for the error. */
  data(what: string): TypedArray {
    this.#check(what);
    return this.#data;
  }

  /** Marks the buffer as freed and gives its block back. */
  release(): void {
    this.#pool.give(this.#check('free'));
    this.#block = undefined;
  }

  #check(what: string): Block {
    if (this.#block !== undefined) return this.#block;
    throw new HeddleError(
      'use-after-free',
      `cpu: ${what} on a buffer (${this.dtype}, ${this.size} elements) that was freed before. ` +
        'Keep the tensor alive until its last use, and free it once.',
      { what: `${what} ${this.dtype}[${this.size}]` },
    );
  }
}

function arrayOf({ chunk, offset }: Block, size: number, dtype: DType): TypedArray {
  const { buffer, byteOffset } = chunk;
  const at = byteOffset + offset;
  if (dtype === 'f32') return new Float32Array(buffer, at, size);
  return dtype === 'i32' ? new Int32Array(buffer, at, size) : new Uint16Array(buffer, at, size);
}
