import { HeddleError } from '@heddle/core';
import { CpuBackend } from './backend.js';
import type { CpuErrors } from './errors.js';
import { nativeKernels } from './native/index.js';
import { openLibrary, type Simd, type SystemLibrary } from './native/library.js';
import { threadCount } from './native/threads.js';
import { referenceKernels } from './reference/index.js';
import { traced, traceFile } from './trace.js';
import { type NodeWasmLibrary, openWasm, type WasmSimd } from './wasm/node.js';

export interface CpuOptions {
  /** Threads of the native or WebAssembly kernels. Default: HEDDLE_THREADS, else as many cores as this process may use. */
  readonly threads?: number;
  /** Default: native where its library is there, else wasm where its module is there, else reference. */
  readonly kernels?: 'native' | 'wasm' | 'reference';
}

declare module '@heddle/core' {
  interface BackendOptions {
    cpu: CpuOptions;
  }
}

/**
 * The backend on this machine's processor: native kernels where their library is there, else (or if
 * asked for) the same in WebAssembly, else the TypeScript reference. `description` says which, and why. Where the environment
 * has HEDDLE_PROFILE, the times of its operations are written to the file of that name.
 *
 * @throws HeddleError `cpu/no-native` or `cpu/no-wasm` if the kernels asked for cannot be had; `invalid-argument` for a
 * bad number of threads; `io` if the file of HEDDLE_PROFILE cannot be written.
 */
export function cpu(options: CpuOptions = {}): CpuBackend {
  const trace = traceFile();
  const backend = open(options);
  return trace === undefined ? backend : traced(backend, trace);
}

function open({ threads, kernels }: CpuOptions): CpuBackend {
  const tier = chooseTier(threadCount(threads), kernels);
  const count = `${tier.threads} thread${tier.threads === 1 ? '' : 's'}`;
  const why = tier.reason === '' ? '' : `: ${tier.reason}`;
  if (tier.library === undefined)
    return new CpuBackend(referenceKernels, `reference kernels (TypeScript, slow), ${count}${why}`);
  return new CpuBackend(
    nativeKernels(tier.library, referenceKernels),
    `${tier.name} kernels (${tier.library.simd}), ${count}${why}`,
    tier.library.memory,
    tier.library.close,
  );
}

type Tier = { readonly threads: number; readonly reason: string } & (
  | { readonly name: 'native'; readonly library: SystemLibrary }
  | { readonly name: 'wasm'; readonly library: NodeWasmLibrary }
  | { readonly name: 'reference'; readonly library?: undefined }
);

/** The kernels asked for, else the best that can serve; the reason says why no better ones. */
function chooseTier(threads: number, kernels: CpuOptions['kernels']): Tier {
  if (kernels === 'reference') return { name: 'reference', threads: 1, reason: 'as asked for' };
  const reasons = kernels === 'wasm' ? ['as asked for'] : [];
  if (kernels !== 'wasm') {
    const library = openLibrary({ threads });
    if (!('reason' in library)) return { name: 'native', threads, reason: '', library };
    if (kernels === 'native') throw refused('cpu/no-native', 'native', library.reason);
    reasons.push(library.reason);
  }
  const library = openWasm({ threads });
  if (!('reason' in library))
    return { name: 'wasm', threads: library.threads, reason: reasons.join('; '), library };
  if (kernels === 'wasm') throw refused('cpu/no-wasm', 'WebAssembly', library.reason);
  return { name: 'reference', threads: 1, reason: [...reasons, library.reason].join('; ') };
}

function refused(code: keyof CpuErrors, what: string, reason: string): HeddleError {
  return new HeddleError(
    code,
    `cpu: the ${what} kernels cannot serve: ${reason}. ` +
      'Build the package where there is a C compiler (for WebAssembly clang and lld), or leave out the option kernels.',
    { reason },
  );
}

/** What this machine offers the cpu backend, for `heddle doctor`. */
export interface CpuDescription {
  /** The kernels that `cpu()` takes here. */
  readonly tier: 'native' | 'wasm' | 'reference';
  /** Why this tier. */
  readonly reason: string;
  /** Threads that `cpu()` uses: the reference has one. */
  readonly threads: number;
  /** Instruction set of the native or WebAssembly kernels. */
  readonly simd?: Simd | WasmSimd;
  /** The file of the native library or WebAssembly module. */
  readonly library?: string;
}

/** Says what `cpu()` takes on this machine, and why. */
export function describeCpu(): CpuDescription {
  const { name, threads, reason, library } = chooseTier(threadCount(), undefined);
  if (library === undefined) return { tier: name, reason, threads };
  library.close();
  const { simd, path } = library;
  const what = name === 'native' ? 'native library' : 'WebAssembly module';
  const loaded = [`${what} loaded, ${simd} kernels`, reason].filter((part) => part !== '');
  return { tier: name, reason: loaded.join(': '), threads, simd, library: path };
}
