import type { Obstacle } from './modes.js';

/** Kept for the life of the process: its device dies with it. */
let dawn: object | undefined;

/**
 * Sees to it that there is a `navigator.gpu`, where gpu.js looks for WebGPU: the one that is there, as in
 * browsers, else that of Dawn, from the package `webgpu`.
 */
export async function provideWebGPU(): Promise<Obstacle | undefined> {
  const scope = globalThis as { navigator?: { gpu?: object } };
  if (scope.navigator?.gpu) return undefined;
  try {
    const { create } = await import('webgpu');
    dawn ??= create([]);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { reason: `the package webgpu does not load (${reason})`, remedy: 'npm install webgpu' };
  }
  if (scope.navigator === undefined) scope.navigator = {};
  Object.defineProperty(scope.navigator, 'gpu', { value: dawn, configurable: true });
  return undefined;
}
