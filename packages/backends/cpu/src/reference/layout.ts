import { broadcastStrides, stridesOf, type TypedArray } from '@heddle/core';
import type { Kernels } from '../kernel.js';
import { forEachRow } from './rows.js';

/** Copies a block of `shape` between two places that have their own strides. */
function copyBlock(
  shape: readonly number[],
  from: TypedArray,
  fromStart: number,
  fromStrides: readonly number[],
  to: TypedArray,
  toStart: number,
  toStrides: readonly number[],
): void {
  const stepFrom = fromStrides.at(-1) ?? 0;
  const stepTo = toStrides.at(-1) ?? 0;
  forEachRow(shape, [fromStrides, toStrides], (length, [a, b]) => {
    for (let i = 0; i < length; i++)
      to[toStart + b + i * stepTo] = from[fromStart + a + i * stepFrom];
  });
}

/** Index of the element at `position`. */
function offsetOf(position: readonly number[], strides: readonly number[]): number {
  return position.reduce((sum, at, axis) => sum + at * strides[axis], 0);
}

export const layout: Kernels<
  'permute' | 'slice' | 'pad' | 'concat' | 'broadcast' | 'updateSlice' | 'fill' | 'iota'
> = {
  permute({ axes }, [x], [y]) {
    const own = stridesOf(x.shape);
    const read = axes.map((axis) => own[axis]);
    copyBlock(y.shape, x.data, 0, read, y.data, 0, stridesOf(y.shape));
  },

  slice({ start }, [x], [y]) {
    const strides = stridesOf(x.shape);
    const first = offsetOf(start, strides);
    copyBlock(y.shape, x.data, first, strides, y.data, 0, stridesOf(y.shape));
  },

  pad({ before, value }, [x], [y]) {
    const strides = stridesOf(y.shape);
    y.data.fill(value);
    copyBlock(x.shape, x.data, 0, stridesOf(x.shape), y.data, offsetOf(before, strides), strides);
  },

  concat({ axis }, inputs, [y]) {
    const strides = stridesOf(y.shape);
    let at = 0;
    for (const x of inputs) {
      copyBlock(x.shape, x.data, 0, stridesOf(x.shape), y.data, at * strides[axis], strides);
      at += x.shape[axis];
    }
  },

  broadcast(_op, [x], [y]) {
    const read = broadcastStrides(x.shape, y.shape);
    copyBlock(y.shape, x.data, 0, read, y.data, 0, stridesOf(y.shape));
  },

  updateSlice({ start }, [target, patch], [y]) {
    if (y.data !== target.data) y.data.set(target.data);
    const strides = stridesOf(y.shape);
    const first = offsetOf(start, strides);
    copyBlock(patch.shape, patch.data, 0, stridesOf(patch.shape), y.data, first, strides);
  },

  fill({ value }, _inputs, [y]) {
    y.data.fill(value);
  },

  iota(_op, _inputs, [y]) {
    for (let i = 0; i < y.data.length; i++) y.data[i] = i;
  },
};
