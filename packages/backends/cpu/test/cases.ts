import {
  type DType,
  type Op,
  type RngKey,
  randomNormal,
  randomWords,
  rngKey,
  type Shape,
  sizeOf,
  type TypedArray,
} from '@heddle/core';

export interface Value {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

/** One operation with its inputs; outputs are given by dtype and shape. */
export interface Case {
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly outputs: readonly { readonly dtype: DType; readonly shape: Shape }[];
}

/** Deterministic test data: every call draws from the next key. */
export class Draw {
  #next = 0;
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  key(): RngKey {
    return rngKey(this.#seed * 1e6 + this.#next++);
  }

  normal(shape: Shape, factor = 1): Value {
    const data = randomNormal(this.key(), sizeOf(shape)).map((x) => x * factor);
    return { dtype: 'f32', shape, data };
  }

  positive(shape: Shape): Value {
    return { dtype: 'f32', shape, data: this.normal(shape).data.map((x) => Math.abs(x) + 0.01) };
  }

  /** Normal numbers with a NaN and infinities strewn in. */
  wild(shape: Shape): Value {
    const value = this.normal(shape);
    const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];
    const at = randomWords(this.key(), special.length);
    special.forEach((x, i) => {
      if (value.data.length > 0) value.data[at[i] % value.data.length] = x;
    });
    return value;
  }

  ids(shape: Shape, limit: number): Value {
    const data = Int32Array.from(randomWords(this.key(), sizeOf(shape)), (word) => word % limit);
    return { dtype: 'i32', shape, data };
  }

  /** An integer in low … high. */
  integer(low: number, high: number): number {
    return low + (randomWords(this.key(), 1)[0] % (high - low + 1));
  }
}

export function f32(...shape: number[]): { readonly dtype: DType; readonly shape: Shape } {
  return { dtype: 'f32', shape };
}
