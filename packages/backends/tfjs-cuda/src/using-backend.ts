import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs `action`, which must not wait for anything, with this backend of tfjs in charge, and gives the
 * charge back. tfjs has one global backend, so that otherwise instances with different engines, and a program that uses
 * tfjs beside us, would compute on each other's.
 */
export function usingBackend<R>(name: string, action: () => R): R {
  const before: string | undefined = tf.getBackend();
  if (before === name) return action();
  void tf.setBackend(name);
  try {
    return action();
  } finally {
    if (before !== undefined) void tf.setBackend(before);
  }
}
