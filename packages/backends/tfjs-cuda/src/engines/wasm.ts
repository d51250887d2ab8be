import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { HeddleError } from '@heddle/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Opening } from './open-engine.js';
import { registeredBackend } from './registered.js';

/** Bytes that WebAssembly can address. */
const REACH = 2 ** 32;

/** WebAssembly with SIMD, from the files of the installed package. */
export async function openWasm(): Promise<Opening> {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  if (!existsSync(join(folder, 'tfjs-backend-wasm-simd.wasm'))) {
    return {
      engine: 'wasm',
      reason: `there are no .wasm files in ${folder}`,
      remedy: 'npm install @tensorflow/tfjs-backend-wasm@4.22',
    };
  }
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(folder + sep);
  const backend = await withoutNewListeners(() => registeredBackend('wasm'));
  guardMemory(backend as BackendWasm);
  return {
    engine: 'wasm',
    backend,
    what: 'WebAssembly, one thread',
    gpu: false,
    limits: { maxElements: REACH / Float32Array.BYTES_PER_ELEMENT - 1 },
  };
}

/** The loader of the module makes every uncaught error end the process in its own way; that is the program's to decide. */
async function withoutNewListeners<R>(action: () => Promise<R>): Promise<R> {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = new Set(events.flatMap((event) => process.rawListeners(event)));
  const result = await action();
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.off(event, listener as () => void);
    }
  }
  return result;
}

/** The module's memory, of which tfjs gives no type. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  readonly HEAPU8: Uint8Array;
}

const guarded = new WeakSet<BackendWasm>();

/** Where memory ends, malloc gives 0, and tfjs would write there. */
function guardMemory(backend: BackendWasm): void {
  if (guarded.has(backend)) return;
  guarded.add(backend);
  const wasm = backend.wasm as BackendWasm['wasm'] & Heap;
  wasm._free(wasm._malloc(1)); // the first call puts the true function in place of a stub
  const allocate = wasm._malloc;
  wasm._malloc = (bytes: number): number => {
    const address = bytes < REACH ? allocate(bytes) : 0;
    if (address !== 0 || bytes === 0) return address;
    const live = wasm.HEAPU8.byteLength;
    throw new HeddleError(
      'out-of-memory',
      `tfjs-cuda (wasm): no room for ${bytes} bytes; WebAssembly has grown to ${live} and reaches 4 GiB at most. ` +
        'Use smaller batches or a smaller model, or take another engine or backend.',
      { backend: 'tfjs-cuda (wasm)', asked: bytes, live },
    );
  };
}
