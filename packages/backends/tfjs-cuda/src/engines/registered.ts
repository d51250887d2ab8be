import * as tf from '@tensorflow/tfjs-core';

/**
 * The backend of tfjs that is registered under this name, made if need be. By itself tfjs makes an
 * asynchronous one as its global backend and refuses every other call meanwhile; here other instances go on.
 */
export async function registeredBackend(name: string): Promise<tf.KernelBackend> {
  const { registry } = tf.engine();
  if (registry[name] !== undefined) return registry[name];
  const factory: ReturnType<typeof tf.findBackendFactory> | null = tf.findBackendFactory(name);
  if (factory === null) throw new Error(`tfjs has no backend "${name}"`);
  const backend = await factory();
  registry[name] ??= backend;
  return registry[name];
}
