import type { Shape } from '@heddle/core';

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
