import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type StartWorker, type WasmLibrary, WORKER_BODY, wasmLibrary } from './library.js';
import { moduleFile, type WasmFeatures, wasmFeatures } from './module.js';
import { type Module, webAssembly } from './platform.js';

export type WasmSimd = 'simd128' | 'relaxed simd128';

/** Kernels of the WebAssembly module, on threads of Node. */
export interface NodeWasmLibrary extends WasmLibrary {
  readonly path: string;
  readonly simd: WasmSimd;
}

const WORKER_PROGRAM = `(${WORKER_BODY})(require('node:worker_threads').workerData)`;

/** Where a module is: in the built package, or, when the sources run, in what was built last. */
function findModule(features: WasmFeatures): string | undefined {
  return ['./wasm/', '../../dist/wasm/']
    .map((folder) => fileURLToPath(new URL(folder + moduleFile(features), import.meta.url)))
    .find((path) => existsSync(path));
}

/**
 * Opens the kernels of the WebAssembly module, or says why they cannot serve.
 *
 * @param options.features what to use of the engine, if not all that it offers
 */
export function openWasm(options: {
  readonly threads: number;
  readonly features?: WasmFeatures;
}): NodeWasmLibrary | { readonly reason: string } {
  const features = options.features ?? wasmFeatures();
  const path = findModule(features);
  if (path === undefined)
    return {
      reason: 'no WebAssembly module was built for this package (are there clang and lld?)',
    };
  try {
    const library = wasmLibrary({
      module: compiled(path),
      shared: features.shared,
      threads: options.threads,
      mayWait: true,
      startWorker: startThread,
    });
    if ('reason' in library) return library;
    return { ...library, path, simd: features.relaxed ? 'relaxed simd128' : 'simd128' };
  } catch (error) {
    return { reason: `${path} does not load: ${error instanceof Error ? error.message : error}` };
  }
}

const modules = new Map<string, Module>();

/** The module, compiled once: the engine goes on with the code that it has optimized. */
function compiled(path: string): Module {
  const module = modules.get(path) ?? new (webAssembly().Module)(readFileSync(path));
  modules.set(path, module);
  return module;
}

const startThread: StartWorker = (start) => {
  const thread = new Worker(WORKER_PROGRAM, { eval: true, execArgv: [], workerData: start });
  thread.unref();
  thread.once('error', warnOfFewerThreads);
  return () => void thread.terminate();
};

let warned = false;

/** The others do its work. */
function warnOfFewerThreads(error: Error): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `cpu: a thread of the WebAssembly kernels failed, there are fewer: ${error.message}`,
  );
}
