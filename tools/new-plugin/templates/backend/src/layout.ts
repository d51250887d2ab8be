import { hostArray, type Shape, sizeOf, type TypedArray, type ValueSpec } from '@heddle/core';
import type { Operand } from './compute.js';
import { offsetOf, offsets, stridesOf } from './strides.js';

export function permute(x: Operand, axes: readonly number[], out: ValueSpec): TypedArray {
  const strides = stridesOf(x.shape);
  const moved = axes.map((axis) => strides[axis]);
  return picked(x, offsets(out.shape, moved));
}

export function slice(x: Operand, start: readonly number[], out: ValueSpec): TypedArray {
  const strides = stridesOf(x.shape);
  return picked(x, offsets(out.shape, strides, offsetOf(start, strides)));
}

export function pad(
  x: Operand,
  before: readonly number[],
  value: number,
  out: ValueSpec,
): TypedArray {
  const result = hostArray(out.dtype, sizeOf(out.shape)).fill(value);
  place(x, before, result, out.shape);
  return result;
}

export function concat(inputs: readonly Operand[], axis: number, out: ValueSpec): TypedArray {
  const result = hostArray(out.dtype, sizeOf(out.shape));
  const start = out.shape.map(() => 0);
  for (const input of inputs) {
    place(input, start, result, out.shape);
    start[axis] += input.shape[axis];
  }
  return result;
}

export function updateSlice(target: Operand, patch: Operand, start: readonly number[]): TypedArray {
  const result = target.value.slice();
  place(patch, start, result, target.shape);
  return result;
}

/** The elements at these offsets. */
function picked({ value, dtype }: Operand, from: Int32Array): TypedArray {
  const result = hostArray(dtype, from.length);
  for (let i = 0; i < from.length; i++) result[i] = value[from[i]];
  return result;
}

/** Writes `patch` into the block of `target` that begins at `start`. */
function place(patch: Operand, start: readonly number[], target: TypedArray, shape: Shape): void {
  const strides = stridesOf(shape);
  const to = offsets(patch.shape, strides, offsetOf(start, strides));
  for (let i = 0; i < to.length; i++) target[to[i]] = patch.value[i];
}
