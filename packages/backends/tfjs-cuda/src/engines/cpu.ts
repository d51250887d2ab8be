import * as tf from '@tensorflow/tfjs-core';
import type { OpenEngine } from './open-engine.js';
import { registeredBackend } from './registered.js';

/** Plain JavaScript. */
export async function openCpu(): Promise<OpenEngine> {
  const absent: boolean = tf.findBackendFactory('cpu') === null;
  if (absent) await import('@tensorflow/tfjs-backend-cpu');
  const backend = await registeredBackend('cpu');
  backend.disposeData(backend.write(new Float32Array(1), [1], 'float32')); // the first use prints a notice
  return { engine: 'cpu', backend, what: 'plain JavaScript, one thread', gpu: false };
}
