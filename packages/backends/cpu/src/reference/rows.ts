import type { Shape } from '@heddle/core';

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Strides with which `shape` is read as if broadcast to `target`: 0 along the repeated axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : own[axis - lead]));
}

/**
 * Calls `row` once for each run along the last axis of `shape`, in row-major order, with the run's
 * length and where it begins in each operand; `strides[n]` are those of operand n.
 */
export function forEachRow(
  shape: Shape,
  strides: readonly (readonly number[])[],
  row: (length: number, starts: readonly number[]) => void,
): void {
  const last = shape.length - 1;
  const length = last < 0 ? 1 : shape[last];
  let rows = 1;
  for (let axis = 0; axis < last; axis++) rows *= shape[axis];
  if (rows === 0 || length === 0) return;
  const index = new Array<number>(Math.max(last, 0)).fill(0);
  const starts = strides.map(() => 0);
  for (let r = 0; r < rows; r++) {
    row(length, starts);
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis]++;
      for (let n = 0; n < starts.length; n++) starts[n] += strides[n][axis];
      if (index[axis] < shape[axis]) break;
      for (let n = 0; n < starts.length; n++) starts[n] -= strides[n][axis] * shape[axis];
      index[axis] = 0;
    }
  }
}
