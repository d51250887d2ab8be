import { hostArray, sizeOf, type TypedArray, type ValueSpec } from '@heddle/core';
import type { Operand } from './compute.js';
import { broadcastStrides, offsets } from './strides.js';

export function reduceSum(x: Operand, out: ValueSpec): TypedArray {
  return reduced(x, out, 0, (sum, value) => sum + value);
}

export function reduceMax(x: Operand, out: ValueSpec): TypedArray {
  return reduced(x, out, Number.NEGATIVE_INFINITY, Math.max);
}

/** Folds the axes of size 1 in the result; in doubles, so that long sums stay exact to f32. */
function reduced(
  { value, shape }: Operand,
  out: ValueSpec,
  initial: number,
  fold: (folded: number, value: number) => number,
): TypedArray {
  const folded = new Float64Array(sizeOf(out.shape)).fill(initial);
  const to = offsets(shape, broadcastStrides(out.shape, shape));
  for (let i = 0; i < to.length; i++) folded[to[i]] = fold(folded[to[i]], value[i]);
  const result = hostArray(out.dtype, folded.length);
  result.set(folded);
  return result;
}

/** The index of the first largest element of each of `rows` rows. */
export function argMax({ value }: Operand, rows: number): Int32Array {
  const width = value.length / rows;
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) {
      if (value[row * width + i] > value[row * width + best]) best = i;
    }
    return best;
  });
}
