import { hostArray, sizeOf, type TypedArray, type ValueSpec } from '@heddle/core';
import type { Operand } from './compute.js';

/** The rows of the table that the ids name. */
export function gather(table: Operand, { value: ids }: Operand, out: ValueSpec): TypedArray {
  const width = sizeOf(table.shape.slice(1));
  const result = hostArray(out.dtype, sizeOf(out.shape));
  for (let i = 0; i < ids.length; i++) {
    result.set(table.value.subarray(ids[i] * width, (ids[i] + 1) * width), i * width);
  }
  return result;
}

/** The base with each row added to the one that its id names, in the order of the ids. */
export function scatterAdd(base: Operand, { value: ids }: Operand, rows: Operand): TypedArray {
  const width = sizeOf(base.shape.slice(1));
  const result = base.value.slice();
  for (let i = 0; i < ids.length; i++) {
    for (let j = 0; j < width; j++) result[ids[i] * width + j] += rows.value[i * width + j];
  }
  return result;
}
