import { sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernel.js';

export const indexed: Kernels<'gather' | 'scatterAdd'> = {
  gather: (_op, [table, ids]) => tf.gather(table, tf.reshape(ids, [ids.size])),
  scatterAdd(_op, [base, ids, rows]) {
    if (sizeOf(ids.shape) === 0) return base;
    const [count, width] = [base.shape[0], base.size / base.shape[0]];
    const places = tf.cast(tf.reshape(ids, [ids.size, 1]), 'int32');
    const sums = tf.scatterND(places, tf.reshape(rows, [ids.size, width]), [count, width]);
    return tf.add(base, tf.reshape(sums, base.shape));
  },
};
