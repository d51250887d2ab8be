import { type DType, HeddleError, type TypedArray } from '@heddle/core';

/** Smallest block, in bytes. */
const SMALLEST = 256;

/** Bytes of the size class of a request: powers of two with three steps between, so at most 25 % is unused. */
export function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.max(Math.floor(Math.log2(bytes - 1)) - 2, 6);
  return Math.ceil(bytes / step) * step;
}

/**
 * Memory blocks that are kept when freed and handed out again to requests of the same size class,
 * so that a training loop in its steady state allocates nothing (and touches no fresh page).
 */
export class MemoryPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #live = 0;
  #peak = 0;

  /** An array of `size` elements with undefined content. */
  take(size: number, dtype: DType): TypedArray {
    if (dtype === 'bf16')
      throw new HeddleError('dtype-mismatch', 'cpu: no bf16 here; use f32 or i32.', {
        op: 'alloc',
        dtypes: [dtype],
      });
    const block = this.#free.get(sizeClass(size * 4))?.pop() ?? this.#fresh(size * 4);
    this.#live += size * 4;
    this.#peak = Math.max(this.#peak, this.#live);
    return dtype === 'f32' ? new Float32Array(block, 0, size) : new Int32Array(block, 0, size);
  }

  give(array: TypedArray): void {
    const block = array.buffer as ArrayBuffer;
    const blocks = this.#free.get(block.byteLength);
    if (blocks) blocks.push(block);
    else this.#free.set(block.byteLength, [block]);
    this.#live -= array.byteLength;
  }

  /** Bytes asked for and not given back: now, and at most. */
  usage(): { live: number; peak: number } {
    return { live: this.#live, peak: this.#peak };
  }

  /** Lets go of every block that is not in use. */
  clear(): void {
    this.#free.clear();
  }

  #fresh(bytes: number): ArrayBuffer {
    try {
      return new ArrayBuffer(sizeClass(bytes));
    } catch (cause) {
      // What waits for reuse in other size classes may be what is missing.
      this.clear();
      try {
        return new ArrayBuffer(sizeClass(bytes));
      } catch {
        throw new HeddleError(
          'out-of-memory',
          `cpu: no memory for ${bytes} bytes beside the ${this.#live} in use. Use a smaller batch or model.`,
          { backend: 'cpu', asked: bytes, live: this.#live },
          { cause },
        );
      }
    }
  }
}
