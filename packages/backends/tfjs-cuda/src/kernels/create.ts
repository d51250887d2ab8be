import { randomUniform, sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import { dataType, type Kernels } from '../kernel.js';

/** Random numbers are drawn on the host, where they are right bit for bit, and uploaded. */
export const creation: Kernels<'fill' | 'iota' | 'randomUniform'> = {
  fill: ({ value }, _inputs, [{ shape, dtype }]) => tf.fill([...shape], value, dataType(dtype)),
  iota: (_op, _inputs, [{ shape }]) =>
    tf.tensor(
      Int32Array.from({ length: sizeOf(shape) }, (_, i) => i),
      [...shape],
      'int32',
    ),
  randomUniform: ({ key }, _inputs, [{ shape }]) =>
    tf.tensor(randomUniform(key, sizeOf(shape)), [...shape], 'float32'),
};
