import type { DType, Shape, TypedArray } from '@heddle/core';
import { sizeOf } from '@heddle/core';

/** An array on the host in doubles. `dtype` says what the numbers are rounded to on a device. */
export interface Value {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Row-major. */
  readonly data: Float64Array;
}

/** What an output must look like. */
export type Spec = Pick<Value, 'shape' | 'dtype'>;

const scratch = new DataView(new ArrayBuffer(4));

/** The nearest bf16 (ties to even), as a number. */
export function roundToBf16(x: number): number {
  return fromBf16(bf16Bits(x));
}

function bf16Bits(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0;
  scratch.setFloat32(0, x);
  const bits = scratch.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function fromBf16(bits: number): number {
  scratch.setUint32(0, (bits << 16) >>> 0);
  return scratch.getFloat32(0);
}

/** `x` as a device of this dtype would store it. */
export function roundTo(dtype: DType, x: number): number {
  return dtype === 'f32' ? Math.fround(x) : dtype === 'bf16' ? roundToBf16(x) : x;
}

/** The same value with every element rounded to its dtype. */
export function rounded(value: Value): Value {
  return { ...value, data: value.data.map((x) => roundTo(value.dtype, x)) };
}

/** The host array that a backend takes for `value`. */
export function encode(value: Value): TypedArray {
  if (value.dtype === 'f32') return Float32Array.from(value.data);
  if (value.dtype === 'i32') return Int32Array.from(value.data);
  return Uint16Array.from(value.data, bf16Bits);
}

/** The numbers that a backend's array holds. */
export function decode(array: TypedArray): Float64Array {
  return array instanceof Uint16Array
    ? Float64Array.from(array, fromBf16)
    : Float64Array.from(array);
}

/** A value of `spec` whose element at each multi-index is `element(index, flatIndex)`. */
export function generate(
  spec: Spec,
  element: (index: readonly number[], flat: number) => number,
): Value {
  const { shape, dtype } = spec;
  const data = new Float64Array(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = element(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { shape, dtype, data };
}

/** The flat position of a multi-index. */
export function flatten(index: readonly number[], shape: Shape): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) flat = flat * shape[axis] + index[axis];
  return flat;
}

/** The element of `x` that NumPy broadcasting puts at `index` of a larger shape. */
export function broadcastElement(x: Value, index: readonly number[]): number {
  const offset = index.length - x.shape.length;
  let flat = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    flat = flat * x.shape[axis] + (x.shape[axis] === 1 ? 0 : index[offset + axis]);
  }
  return x.data[flat];
}

/** Rows and width of a value seen as [rows, last axis]; a scalar is one row of one. */
export function asRows(x: Spec): { rows: number; width: number } {
  const width = x.shape.length === 0 ? 1 : x.shape[x.shape.length - 1];
  return { rows: sizeOf(x.shape.slice(0, -1)), width };
}
