import type { FusedOp, Op } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';

type Kind = 'gelu' | 'geluBackward' | 'swiglu' | 'swigluBackward';

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** sqrt(2/pi) (x + 0.044715 x^3) twice: GELU's 0.5 (1 + tanh(u)) is sigmoid(2 u), which engines have vectors for. */
function gate(x: tf.Tensor): tf.Tensor {
  const twice = tf.mul(x, tf.add(tf.mul(tf.square(x), 2 * ROOT * CUBIC), 2 * ROOT));
  return tf.sigmoid(twice);
}

/** Of GELU there is the tanh approximation; the exact one is composed out of erf. */
export const activations: Kernels<Kind> = {
  gelu: (_op, [x]) => tf.mul(x, gate(x)),

  geluBackward(_op, [given, dy]) {
    const s = gate(given);
    const x = tf.clipByValue(given, -20, 20); // beyond, s is 0 or 1, and x^3 may overflow
    const inner = tf.add(tf.mul(tf.square(x), 6 * ROOT * CUBIC), 2 * ROOT);
    const slope = tf.mul(s, tf.add(tf.mul(tf.mul(x, inner), tf.sub(1, s)), 1));
    return tf.mul(dy, slope);
  },

  swiglu: (_op, [x, up]) => tf.mul(tf.mul(x, tf.sigmoid(x)), up),

  swigluBackward(_op, [x, up, dy]) {
    const s = tf.sigmoid(x);
    const silu = tf.mul(x, s);
    const slope = tf.add(s, tf.mul(silu, tf.sub(1, s)));
    return [tf.mul(tf.mul(dy, up), slope), tf.mul(dy, silu)];
  },
};

/** Whether it is the GELU that is not among `activations`. */
export function isExactGelu(op: Op): op is Extract<FusedOp, { approximate: unknown }> {
  return (op.kind === 'gelu' || op.kind === 'geluBackward') && op.approximate === 'none';
}
