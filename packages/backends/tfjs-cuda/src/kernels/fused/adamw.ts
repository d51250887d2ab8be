import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';

/** Nothing changes where the scale is not finite: on a device that is found out without waiting for it. */
export const optimizers: Kernels<'adamw'> = {
  adamw({ lr, beta1, beta2, epsilon, weightDecay, step }, [scale, ...operands]) {
    const finite = tf.isFinite(scale);
    const rate = lr / (1 - beta1 ** step);
    const root = 1 / Math.sqrt(1 - beta2 ** step);
    const results: tf.Tensor[] = [];
    for (let i = 0; i < operands.length; i += 4) {
      const [p, g, m, v] = operands.slice(i, i + 4);
      if (p.size === 0) {
        results.push(p, m, v);
        continue;
      }
      const made = tf.tidy(() => {
        const gradient = tf.mul(g, scale);
        const mean = tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1));
        const squares = tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
        const change = tf.div(tf.mul(mean, rate), tf.add(tf.mul(tf.sqrt(squares), root), epsilon));
        const next = tf.sub(tf.mul(p, 1 - lr * weightDecay), change);
        return [tf.where(finite, next, p), tf.where(finite, mean, m), tf.where(finite, squares, v)];
      });
      results.push(...made);
    }
    return results;
  },
};
