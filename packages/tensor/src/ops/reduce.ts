import { sizeOf, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { run } from '../run.js';
import { axesOf } from '../shapes.js';
import { type DeviceTensor, device, viewOf, wrongShape } from '../tensor.js';
import { div, mul } from './binary.js';
import { broadcastTo } from './broadcast.js';
import { equal } from './compare.js';
import { reshape } from './layout.js';
import { aliasOf, cast } from './unary.js';

/** Over which axes (default: all), and whether they stay with size 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Shapes of a reduction: with the axes kept at size 1, and the one asked for. */
function reduction(
  op: string,
  x: DeviceTensor,
  options: ReduceOptions,
): { axes: number[]; kept: number[]; shape: number[] } {
  const axes = axesOf(op, options.axes, x.shape.length);
  const kept = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  const shape = options.keepDims ? kept : kept.filter((_, i) => !axes.includes(i));
  return { axes, kept, shape };
}

/** The sum over `axes`; 0 where they are empty. */
export function sum(input: Tensor, options: ReduceOptions = {}): Tensor {
  const x = device(input, 'sum');
  const { axes, kept, shape } = reduction('sum', x, options);
  if (axes.length === 0) return aliasOf(x);
  const y = viewOf(run({ kind: 'reduceSum', axes }, [x], kept), shape);
  return track('sum', y, [x], () => (dy) => [broadcastTo(reshape(dy, kept), x.shape)]);
}

/** The mean over `axes`; NaN where they are empty. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const total = sum(x, options);
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/** The largest element over `axes` (-Infinity where they are empty); equal ones share the gradient. */
export function max(input: Tensor, options: ReduceOptions = {}): Tensor {
  const x = device(input, 'max');
  const { axes, kept, shape } = reduction('max', x, options);
  if (axes.length === 0) return aliasOf(x);
  const y = viewOf(run({ kind: 'reduceMax', axes }, [x], kept), shape);
  return track('max', y, [x], (_, save) => {
    const a = save(x);
    const largest = save(y);
    return (dy) => {
      const hit = cast(equal(a, reshape(largest, kept)), a.dtype);
      const share = div(reshape(dy, kept), sum(hit, { axes, keepDims: true }));
      return [mul(hit, share)];
    };
  });
}

/** i32: the index of the first largest element of the last axis, which must not be empty. x: [..., N] -> [...]. */
export function argMax(input: Tensor): Tensor {
  const x = device(input, 'argMax');
  const n = x.shape.at(-1);
  if (!n) throw wrongShape('argMax', [x], 'its last axis must have at least one element');
  const y = run({ kind: 'argMax' }, [x], x.shape.slice(0, -1), 'i32');
  y.storage.bounds = [0, n - 1];
  return y;
}
