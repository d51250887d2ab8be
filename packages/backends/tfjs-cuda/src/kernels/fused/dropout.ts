import { randomUniform } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';

/** Which elements stay is drawn on the host and uploaded. */
export const dropouts: Kernels<'dropout'> = {
  dropout({ rate, key }, [x]) {
    const stays = Uint8Array.from(randomUniform(key, x.size), (draw) => (draw >= rate ? 1 : 0));
    const mask = tf.tensor(stays, x.shape, 'bool');
    return tf.where(mask, tf.div(x, 1 - rate), tf.zerosLike(x));
  },
};
