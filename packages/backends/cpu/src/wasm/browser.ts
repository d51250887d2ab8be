import { HeddleError } from '@heddle/core';
import { CpuBackend } from '../backend.js';
import '../errors.js';
import { nativeKernels } from '../native/index.js';
import { referenceKernels } from '../reference/index.js';
import { type StartWorker, WORKER_BODY, wasmLibrary } from './library.js';
import { moduleFile, wasmFeatures } from './module.js';
import { type Module, page, webAssembly } from './platform.js';

export interface CpuWasmOptions {
  /** The folder that serves the modules of `@heddle/cpu/wasm/`. Default: `wasm/` beside this script. */
  readonly url?: string | URL;
  /** Threads, the page's own among them. Default: as many as the processor has; 1 where the page is not cross-origin isolated. */
  readonly threads?: number;
  /** Relaxed SIMD, whose rounding is the processor's. Default: where the engine has it; false gives the same bits in every engine. */
  readonly relaxed?: boolean;
}

/**
 * The cpu backend in a page or a worker of one: the WebAssembly kernels. Threads need a
 * cross-origin isolated page (headers `Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`); `description` says what serves, and why.
 *
 * @throws HeddleError `cpu/no-wasm` if the module cannot be fetched or does not run here;
 * `invalid-argument` for a bad number of threads.
 */
export async function cpuWasm(options: CpuWasmOptions = {}): Promise<CpuBackend> {
  const { crossOriginIsolated, navigator, WorkerGlobalScope } = page();
  const wanted = options.threads ?? navigator.hardwareConcurrency ?? 1;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 256) {
    throw new HeddleError(
      'invalid-argument',
      `cpu: threads must be an integer in 1 … 256, not ${wanted}.`,
      { argument: 'threads', given: wanted },
    );
  }
  const engine = wasmFeatures();
  const shared = engine.shared && crossOriginIsolated;
  const relaxed = engine.relaxed && options.relaxed !== false;
  const folder = new URL(options.url ?? 'wasm/', import.meta.url);
  const base = folder.href.endsWith('/') ? folder : `${folder.href}/`;
  const library = wasmLibrary({
    module: await fetchModule(new URL(moduleFile({ shared, relaxed }), base)),
    shared,
    threads: wanted,
    mayWait: WorkerGlobalScope !== undefined,
    startWorker,
  });
  if ('reason' in library) throw noWasm(library.reason);
  const { threads } = library;
  const why = crossOriginIsolated ? '' : ': the page is not cross-origin isolated';
  const simd = relaxed ? 'relaxed simd128' : 'simd128';
  return new CpuBackend(
    nativeKernels(library, referenceKernels),
    `wasm kernels (${simd}), ${threads} thread${threads === 1 ? '' : 's'}${why}`,
    library.memory,
    library.close,
  );
}

async function fetchModule(url: URL): Promise<Module> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return await webAssembly().compile(await response.arrayBuffer());
  } catch (cause) {
    throw noWasm(`${url} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function noWasm(reason: string): HeddleError {
  return new HeddleError(
    'cpu/no-wasm',
    `cpu: the WebAssembly kernels cannot serve: ${reason}. Serve the folder dist/wasm of @heddle/cpu, and name it with the option url.`,
    { reason },
  );
}

const startWorker: StartWorker = (start) => {
  const program = `onmessage = ({ data }) => { (${WORKER_BODY})(data); close(); };`;
  const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new (page().Worker)(url);
  worker.onerror = warnOfFewerThreads;
  worker.postMessage(start);
  return () => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
};

let warned = false;

/** The others do its work. */
function warnOfFewerThreads(event: { readonly message: string }): void {
  if (warned) return;
  warned = true;
  console.warn(
    `cpu: a thread of the WebAssembly kernels failed, there are fewer: ${event.message}`,
  );
}
