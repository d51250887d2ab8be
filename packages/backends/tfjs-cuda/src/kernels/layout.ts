import { sameShape, sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../kernel.js';

type LayoutKind = 'permute' | 'slice' | 'pad' | 'concat' | 'broadcast' | 'updateSlice';

/** What to put before and after each axis so that `inner` comes to lie at `before` in `outer`. */
function paddings(
  inner: readonly number[],
  before: readonly number[],
  outer: readonly number[],
): [number, number][] {
  return inner.map((n, i) => [before[i], outer[i] - n - before[i]]);
}

/** A scalar has no axis to move, cut or fill up. */
export const layout: Kernels<LayoutKind> = {
  permute: ({ axes }, [x]) => (axes.length === 0 ? x : tf.transpose(x, [...axes])),
  slice: ({ start }, [x], [{ shape }]) =>
    start.length === 0 ? x : tf.slice(x, [...start], [...shape]),
  pad: ({ before, value }, [x], [{ shape }]) =>
    before.length === 0 ? x : tf.pad(x, paddings(x.shape, before, shape), value),
  concat: ({ axis }, inputs) =>
    tf.concat(
      inputs.filter((x) => x.size > 0),
      axis,
    ),
  broadcast: (_op, [x], [{ shape }]) =>
    sameShape(x.shape, shape) ? x : tf.broadcastTo(x, [...shape]),
  updateSlice({ start }, [target, patch], [{ shape }]) {
    if (sizeOf(patch.shape) === 0) return target;
    if (sameShape(patch.shape, shape)) return patch;
    const around = paddings(patch.shape, start, shape);
    const inside = tf.pad(tf.onesLike(patch), around);
    return tf.where(tf.cast(inside, 'bool'), tf.pad(patch, around), target);
  },
};
