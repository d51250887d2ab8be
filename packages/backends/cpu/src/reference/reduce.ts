import { stridesOf } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import { forEachRow } from './rows.js';

/** Folds every element of x into the element of y that its index falls on, in row-major order, in doubles. */
function reduce(
  axes: readonly number[],
  x: Operand,
  y: Operand,
  initial: number,
  combine: (accumulated: number, value: number) => number,
): void {
  const from = x.data;
  const strides = stridesOf(x.shape);
  const target = stridesOf(y.shape).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const step = target.at(-1) ?? 0;
  const sums = new Float64Array(y.data.length).fill(initial);
  forEachRow(x.shape, [strides, target], (length, [at, to]) => {
    for (let i = 0; i < length; i++)
      sums[to + i * step] = combine(sums[to + i * step], from[at + i]);
  });
  for (let i = 0; i < sums.length; i++) y.data[i] = sums[i];
}

export const reductions: Kernels<'reduceSum' | 'reduceMax' | 'argMax' | 'sumOfSquares'> = {
  reduceSum(op, [x], [y]) {
    reduce(op.axes, x, y, 0, (sum, value) => sum + value);
  },

  reduceMax(op, [x], [y]) {
    reduce(op.axes, x, y, Number.NEGATIVE_INFINITY, Math.max);
  },

  /** A NaN counts as the largest, as in `reduceMax`. */
  argMax(_op, [x], [y]) {
    const n = x.shape[x.shape.length - 1];
    for (let row = 0; row < y.data.length; row++) {
      let best = 0;
      for (let i = 1; i < n && !Number.isNaN(x.data[row * n + best]); i++) {
        const value = x.data[row * n + i];
        if (value > x.data[row * n + best] || Number.isNaN(value)) best = i;
      }
      y.data[row] = best;
    }
  },

  sumOfSquares(_op, inputs, [y]) {
    let sum = 0;
    for (const { data } of inputs) for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
    y.data[0] = sum;
  },
};
