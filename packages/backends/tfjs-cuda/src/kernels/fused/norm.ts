import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';
import { asRows, type Products } from '../products.js';

type Kind = 'layerNorm' | 'layerNormBackward' | 'rmsNorm' | 'rmsNormBackward';

const mean = (x: tf.Tensor): tf.Tensor => tf.mean(x, -1, true);
const column = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.size, 1]);
const reciprocalRoot = (variance: tf.Tensor, epsilon: number): tf.Tensor =>
  tf.rsqrt(tf.add(variance, epsilon));

/** The operands as rows [M, D]; what there is one of for each row as a column [M, 1]. */
export function normKernels({ columnSums }: Products): Kernels<Kind> {
  return {
    layerNorm({ epsilon }, [input, gain, bias]) {
      const x = asRows(input);
      const center = mean(x);
      const centered = tf.sub(x, center);
      const rstd = reciprocalRoot(mean(tf.square(centered)), epsilon);
      const y = tf.add(tf.mul(tf.mul(centered, rstd), gain), bias);
      return [y, center, rstd];
    },

    layerNormBackward(_op, [input, gain, center, rstd, dout, before]) {
      const dy = asRows(dout);
      const scale = column(rstd);
      const unit = tf.mul(tf.sub(asRows(input), column(center)), scale);
      const g = tf.mul(dy, gain);
      const along = tf.mul(unit, mean(tf.mul(g, unit)));
      const dx = tf.mul(tf.sub(tf.sub(g, mean(g)), along), scale);
      return [added(dx, before), columnSums(tf.mul(dy, unit)), columnSums(dy)];
    },

    rmsNorm({ epsilon }, [input, gain]) {
      const x = asRows(input);
      const rstd = reciprocalRoot(mean(tf.square(x)), epsilon);
      return [tf.mul(tf.mul(x, rstd), gain), rstd];
    },

    rmsNormBackward(_op, [input, gain, rstd, dout, before]) {
      const dy = asRows(dout);
      const scale = column(rstd);
      const unit = tf.mul(asRows(input), scale);
      const g = tf.mul(dy, gain);
      const dx = tf.mul(tf.sub(g, tf.mul(unit, mean(tf.mul(g, unit)))), scale);
      return [added(dx, before), columnSums(tf.mul(dy, unit))];
    },
  };
}

const added = (dx: tf.Tensor, before: tf.Tensor | undefined): tf.Tensor =>
  before === undefined ? dx : tf.add(dx, asRows(before));
