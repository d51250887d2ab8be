import { type DeviceBuffer, type DType, HeddleError, type TypedArray } from '@heddle/core';

/** A buffer of this backend: a host array, until it is freed. */
export class CpuBuffer implements DeviceBuffer {
  readonly dtype: DType;
  readonly size: number;
  #data: TypedArray | undefined;

  constructor(data: TypedArray, dtype: DType) {
    this.#data = data;
    this.dtype = dtype;
    this.size = data.length;
  }

  /** The elements; `what` names the use for the error. */
  data(what: string): TypedArray {
    if (this.#data === undefined) {
      throw new HeddleError(
        'use-after-free',
        `cpu: ${what} on a buffer (${this.dtype}, ${this.size} elements) that was freed before. ` +
          'Keep the tensor alive until its last use, and free it once.',
        { what: `${what} ${this.dtype}[${this.size}]` },
      );
    }
    return this.#data;
  }

  /** Marks the buffer as freed and gives its array away. */
  release(): TypedArray {
    const data = this.data('free');
    this.#data = undefined;
    return data;
  }
}
