import { HeddleError } from '@heddle/core';
import { CpuBackend } from './backend.js';
import './errors.js';
import { nativeKernels } from './native/index.js';
import { openLibrary, type Simd } from './native/library.js';
import { threadCount } from './native/threads.js';
import { referenceKernels } from './reference/index.js';
import { traced, traceFile } from './trace.js';

export interface CpuOptions {
  /** Threads of the native kernels. Default: HEDDLE_THREADS, else as many cores as this process may use. */
  readonly threads?: number;
  /** Default: native where its library was built, else reference. */
  readonly kernels?: 'native' | 'reference';
}

declare module '@heddle/core' {
  interface BackendOptions {
    cpu: CpuOptions;
  }
}

/**
 * The backend on this machine's processor: native kernels where their library was built, else (or
 * if asked for) the TypeScript reference. `description` says which, and why. Where the environment
 * has HEDDLE_PROFILE, the times of its operations are written to the file of that name.
 *
 * @throws HeddleError `cpu/no-native` if `kernels: 'native'` cannot be had; `invalid-argument` for a
 * bad number of threads; `io` if the file of HEDDLE_PROFILE cannot be written.
 */
export function cpu(options: CpuOptions = {}): CpuBackend {
  const trace = traceFile();
  const backend = open(options);
  return trace === undefined ? backend : traced(backend, trace);
}

function open(options: CpuOptions): CpuBackend {
  const threads = threadCount(options.threads);
  if (options.kernels === 'reference')
    return new CpuBackend(referenceKernels, describeReference('as asked for'));
  const library = openLibrary({ threads });
  if ('reason' in library) {
    if (options.kernels !== 'native')
      return new CpuBackend(referenceKernels, describeReference(library.reason));
    throw new HeddleError(
      'cpu/no-native',
      `cpu: the native kernels cannot serve: ${library.reason}. ` +
        'Build the package where there is a C compiler, or leave out kernels: "native".',
      { reason: library.reason },
    );
  }
  const count = `${threads} thread${threads === 1 ? '' : 's'}`;
  return new CpuBackend(
    nativeKernels(library, referenceKernels),
    `native kernels (${library.simd}), ${count}`,
    library.memory,
    library.close,
  );
}

function describeReference(reason: string): string {
  return `reference kernels (TypeScript, slow), 1 thread: ${reason}`;
}

/** What this machine offers the cpu backend, for `heddle doctor`. */
export interface CpuDescription {
  /** The kernels that `cpu()` takes here. */
  readonly tier: 'native' | 'reference';
  /** Why this tier. */
  readonly reason: string;
  /** Threads that `cpu()` uses: the reference has one. */
  readonly threads: number;
  /** Instruction set of the native kernels. */
  readonly simd?: Simd;
  /** The native library's file. */
  readonly library?: string;
}

/** Says what `cpu()` takes on this machine, and why. */
export function describeCpu(): CpuDescription {
  const library = openLibrary({ threads: threadCount() });
  if ('reason' in library) return { tier: 'reference', reason: library.reason, threads: 1 };
  library.close();
  return {
    tier: 'native',
    reason: `native library loaded, ${library.simd} kernels`,
    threads: library.threads,
    simd: library.simd,
    library: library.path,
  };
}
