import type { Shape } from '@heddle/core';

/** How far apart neighbours along each axis lie. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The strides of a tensor seen with a larger shape: 0 along the axes where it repeats itself. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = stridesOf(shape);
  const added = target.length - shape.length;
  return target.map((_, axis) => {
    const at = axis - added;
    return at < 0 || shape[at] === 1 ? 0 : own[at];
  });
}

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
