/** Element types. `bf16` is stored as the upper half of an f32, in a Uint16Array. */
export type DType = 'f32' | 'bf16' | 'i32';

/** The host array of each dtype. */
export interface HostArrays {
  f32: Float32Array;
  bf16: Uint16Array;
  i32: Int32Array;
}

export type TypedArray = HostArrays[DType];

/** Bytes of one element. */
export const BYTES: { readonly [D in DType]: number } = { f32: 4, bf16: 2, i32: 4 };

/** A new zeroed host array of `size` elements. */
export function hostArray<D extends DType>(dtype: D, size: number): HostArrays[D] {
  const array =
    dtype === 'f32'
      ? new Float32Array(size)
      : dtype === 'i32'
        ? new Int32Array(size)
        : new Uint16Array(size);
  return array as HostArrays[D];
}
