import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';

/** Pi as a sum of numbers whose multiples are exact in f32 (Cody & Waite 1980). */
const PI = [3.140625, 9.6750259399414e-4, 1.5099579909784e-7];

/** sin(r) / r in powers of r^2 for |r| <= pi / 2, to 1e-10. */
const SERIES = [
  -2.386834652e-8, 2.752397107e-6, -1.9840832823e-4, 8.33333072056e-3, -0.16666666608826,
  0.99999999997885,
];

/** sin(x + shift pi) by way of the nearest half turn. */
function sine(x: tf.Tensor, shift: number): tf.Tensor {
  const turns = tf.round(tf.add(tf.mul(x, 1 / Math.PI), shift));
  const whole = tf.sub(turns, shift);
  const rest = PI.reduce<tf.Tensor>((r, part) => tf.sub(r, tf.mul(whole, part)), x);
  const square = tf.square(rest);
  const [first, ...others] = SERIES;
  const ratio = others.reduce<tf.Tensor>(
    (sum, term) => tf.add(tf.mul(sum, square), term),
    tf.mul(tf.onesLike(square), first),
  );
  const odd = tf.sub(turns, tf.mul(tf.floor(tf.mul(turns, 0.5)), 2));
  return tf.mul(tf.mul(rest, ratio), tf.sub(1, tf.mul(odd, 2)));
}

/** WebGPU lets a driver be off by 2^-11, and some are. */
export const sines: Kernels<'sin' | 'cos'> = {
  sin: (_op, [x]) => sine(x, 0),
  cos: (_op, [x]) => sine(x, 0.5),
};
