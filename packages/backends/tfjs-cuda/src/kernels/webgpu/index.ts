import { type Shape, sameShape, sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';
import { layout } from '../layout.js';
import { sines } from './sine.js';

type Kind = 'sin' | 'cos' | 'pow' | 'argMax' | 'permute' | 'broadcast' | 'select';

/** For each place of the flat result, where in x its number is. */
function sources(shape: readonly number[], axes: readonly number[]): Int32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const moved = axes.reduce<readonly number[]>(
    (starts, axis) =>
      starts.flatMap((start) =>
        Array.from({ length: shape[axis] }, (_, i) => start + i * strides[axis]),
      ),
    [0],
  );
  return Int32Array.from(moved);
}

/** What WebGPU's own kernels do not do as the contract has it. */
export const webgpuKernels: Kernels<Kind> = {
  ...sines,

  /** Shaders give 0 for 0 to a negative power, and round towards zero what is a float between integers. */
  pow(_op, [a, b]) {
    if (a.dtype === 'int32') {
      const power = tf.pow(tf.cast(a, 'float32'), tf.cast(b, 'float32'));
      return tf.cast(tf.round(power), 'int32');
    }
    const power = tf.pow(a, b);
    const pole = tf.logicalAnd(tf.equal(a, 0), tf.less(b, 0));
    return tf.where(pole, tf.scalar(Number.POSITIVE_INFINITY), power);
  },

  /** Of equals, threads find any: here the smallest place among them. */
  argMax(_op, [x]) {
    const size = x.shape[x.rank - 1];
    const largest = tf.equal(x, tf.max(x, -1, true));
    const places = tf.where<tf.Tensor>(largest, tf.range(0, size), tf.scalar(size));
    return tf.cast(tf.min(places, -1), 'int32');
  },

  /** The shader that moves integers does not compile; their places are worked out on the host. */
  permute(op, [x], outputs) {
    if (x.dtype !== 'int32') return layout.permute(op, [x], outputs);
    const at = sources(x.shape, op.axes);
    return tf.gather(tf.reshape(x, [x.size]), tf.tensor1d(at, 'int32'));
  },

  broadcast: (_op, [x], [{ shape }]) => repeated(x, shape),

  /** Its Where takes four axes. */
  select(_op, inputs, [{ shape }]) {
    const [condition, a, b] = inputs.map((x) => tf.reshape(repeated(x, shape), [sizeOf(shape)]));
    return tf.where(tf.notEqual(condition, tf.scalar(0, 'int32')), a, b);
  },
};

/**
 * x broadcast to the shape, as a product with ones: from five axes on, tfjs's Tile reads what it
 * repeats, which waits for the device and in Node fails.
 */
function repeated(x: tf.Tensor, shape: Shape): tf.Tensor {
  if (sameShape(x.shape, shape)) return x;
  const added = shape.length - x.rank;
  const own: readonly number[] = x.shape;
  const ones = shape.map((n, axis) => (axis < added || own[axis - added] === 1 ? n : 1));
  return tf.mul(x, tf.fill(ones, 1, x.dtype));
}
