import * as tf from '@tensorflow/tfjs-core';

/** Runs `action` without the notices of tfjs: of what is registered twice, and in praise of its other engines. */
export async function quietly<R>(action: () => Promise<R>): Promise<R> {
  const environment = tf.env();
  const before = environment.getBool('PROD');
  environment.set('PROD', true);
  try {
    return await action();
  } finally {
    environment.set('PROD', before);
  }
}
