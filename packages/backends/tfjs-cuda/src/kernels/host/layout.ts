import { broadcastStrides, type Shape, sameShape, stridesOf } from '@heddle/core';
import type { Kernels } from '../../kernel.js';
import type { HostMemory, Numbers } from './memory.js';
import { forEachRow } from './rows.js';

/** Where the element at `start` lies. */
const offsetOf = (start: readonly number[], shape: Shape): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * start[axis], 0);

/** The shape with the trailing axes that both have whole made one, so that rows are long. */
function collapsed(inner: Shape, outer: Shape): { inner: number[]; outer: number[] } {
  let axis = inner.length - 1;
  while (axis > 0 && inner[axis] === outer[axis]) axis--;
  const width = inner.slice(axis + 1).reduce((product, n) => product * n, 1);
  const merge = (shape: Shape): number[] => [...shape.slice(0, axis), shape[axis] * width];
  return { inner: merge(inner), outer: merge(outer) };
}

/** Calls `copy` with where each row of a block lies in the block and in the whole. */
function forEachBlockRow(
  block: Shape,
  whole: Shape,
  copy: (inBlock: number, inWhole: number, n: number) => void,
): void {
  const scalar = block.length === 0;
  const { inner, outer } = scalar ? { inner: [1], outer: [1] } : collapsed(block, whole);
  forEachRow(inner, [stridesOf(inner), stridesOf(outer)], ([i, j]) => {
    copy(i, j, inner[inner.length - 1]);
  });
}

/** A row that is one number repeated, or a run of numbers. */
function fillRow(c: Numbers, at: number, n: number, x: Numbers, from: number, step: number): void {
  if (step === 0) c.fill(x[from], at, at + n);
  else c.set(x.subarray(from, from + n), at);
}

export function layoutKernels(memory: HostMemory): Kernels<'slice' | 'updateSlice' | 'broadcast'> {
  return {
    slice({ start }, [x], [{ shape }]) {
      const result = memory.make(shape, x.dtype);
      const [from, to] = [memory.numbers(x), memory.numbers(result)];
      const first = offsetOf(start, x.shape);
      forEachBlockRow(shape, x.shape, (i, j, n) => {
        to.set(from.subarray(first + j, first + j + n), i);
      });
      return result;
    },

    updateSlice({ start }, [target, patch], [{ shape }]) {
      const result = memory.make(shape, target.dtype);
      const [before, from, to] = [target, patch, result].map((x) => memory.numbers(x));
      to.set(before);
      const first = offsetOf(start, shape);
      forEachBlockRow(patch.shape, shape, (i, j, n) => {
        to.set(from.subarray(i, i + n), first + j);
      });
      return result;
    },

    broadcast(_op, [x], [{ shape }]) {
      if (sameShape(x.shape, shape)) return x;
      const result = memory.make(shape, x.dtype);
      const [from, to] = [memory.numbers(x), memory.numbers(result)];
      const strides = broadcastStrides(x.shape, shape);
      const last = shape.length - 1;
      forEachRow(shape, [stridesOf(shape), strides], ([i, j]) => {
        fillRow(to, i, shape[last], from, j, strides[last]);
      });
      return result;
    },
  };
}
