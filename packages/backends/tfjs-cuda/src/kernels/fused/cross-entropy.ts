import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';

const column = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [x.size, 1]);

/** bool [N, V]: where the target of each row is. */
const atTargets = (logits: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  tf.equal(column(targets), tf.range(0, logits.shape[1] ?? 0, 1, 'int32'));

const ignored = (targets: tf.Tensor, index: number): tf.Tensor =>
  tf.equal(targets, tf.scalar(index, 'int32'));

export const crossEntropies: Kernels<'crossEntropy' | 'crossEntropyBackward'> = {
  crossEntropy({ ignoreIndex }, [logits, targets]) {
    const largest = tf.max(logits, 1, true);
    const shifted = tf.sub(logits, largest);
    const rest = tf.log(tf.sum(tf.exp(shifted), 1));
    const chosen = tf.where(atTargets(logits, targets), shifted, tf.zerosLike(shifted));
    const loss = tf.sub(rest, tf.sum(chosen, 1)); // without the largest, which may swallow the rest
    const lse = tf.add(rest, tf.reshape(largest, [targets.size]));
    return [tf.where(ignored(targets, ignoreIndex), tf.zerosLike(loss), loss), lse];
  },

  crossEntropyBackward({ ignoreIndex }, [logits, targets, logSumExp, dloss]) {
    const probabilities = tf.exp(tf.sub(logits, column(logSumExp)));
    const hits = tf.cast(atTargets(logits, targets), 'float32');
    const shares = tf.mul(tf.sub(probabilities, hits), column(dloss));
    return tf.where(column(ignored(targets, ignoreIndex)), tf.zerosLike(shares), shares);
  },
};
