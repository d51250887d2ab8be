import type { Shape } from '@heddle/core';
import type { Program } from '../program.js';

/** Axes of a walk over several arrays: `strides[n]` are those of array n. */
export interface Walk {
  readonly dims: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The same walk with the fewest axes: without those of size 1, neighbours joined where all arrays allow. */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): Walk {
  const dims: number[] = [];
  const kept: number[][] = strides.map(() => []);
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const last = dims.length - 1;
    const joins = last >= 0 && strides.every((own, n) => kept[n][last] === own[axis] * size);
    if (joins) dims[last] *= size;
    else dims.push(size);
    strides.forEach((own, n) => {
      if (joins) kept[n][last] = own[axis];
      else kept[n].push(own[axis]);
    });
  });
  return { dims, strides: kept };
}

/** The index of an element: the sum of coordinates times strides, and an offset. */
export function indexOf(
  program: Program,
  at: readonly string[],
  strides: readonly number[],
  offset = 0,
): string {
  const terms = strides.flatMap((stride, axis) => {
    if (stride === 0) return [];
    return [stride === 1 ? at[axis] : `${at[axis]} * ${program.integer(stride)}`];
  });
  if (offset !== 0) terms.push(program.integer(offset));
  return terms.length === 0 ? '0' : terms.join(' + ');
}
