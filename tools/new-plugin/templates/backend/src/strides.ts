import type { Shape } from '@heddle/core';

/** How far apart neighbours along each axis lie in a contiguous array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** Strides that read an array of shape `from` as if it had shape `to`: 0 along an axis that is repeated. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride));
  return [...new Array<number>(to.length - from.length).fill(0), ...own];
}

/** Where each element of `shape`, in row-major order, lies in an array with these strides. */
export function offsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let found = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const next = new Int32Array(found.length * size);
    for (let i = 0; i < next.length; i++) {
      next[i] = found[Math.floor(i / size)] + (i % size) * strides[axis];
    }
    found = next;
  });
  return found;
}

/** Where the element at `position` lies. */
export function offsetOf(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((sum, x, axis) => sum + x * strides[axis], 0);
}
