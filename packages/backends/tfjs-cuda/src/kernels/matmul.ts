import { sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernel.js';

export const products: Kernels<'matmul'> = {
  matmul({ transposeA, transposeB }, [a, b], [{ shape }]) {
    if (sizeOf(a.shape) === 0) return tf.zeros([...shape]);
    return tf.matMul(a, b, transposeA, transposeB);
  },
};
