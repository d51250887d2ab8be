import type { Shape } from '@heddle/core';

/** Calls `row` for every row along the last axis of `shape`, with where it begins in each operand. */
export function forEachRow(
  shape: Shape,
  strides: readonly (readonly number[])[],
  row: (at: readonly number[]) => void,
): void {
  const outer = shape.slice(0, -1);
  const index = new Array<number>(outer.length).fill(0);
  const at = strides.map(() => 0);
  let left = outer.reduce((product, n) => product * n, 1);
  while (left-- > 0) {
    row(at);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const next = index[axis] + 1 < outer[axis];
      const steps = next ? 1 : -index[axis];
      index[axis] += steps;
      for (let i = 0; i < at.length; i++) at[i] += steps * strides[i][axis];
      if (next) break;
    }
  }
}
