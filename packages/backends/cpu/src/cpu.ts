import { CpuBackend } from './backend.js';
import { referenceKernels } from './reference/index.js';

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

/** The backend on this machine's processor. */
export function cpu(_options: CpuOptions = {}): CpuBackend {
  return new CpuBackend(referenceKernels, 'reference kernels (TypeScript), 1 thread');
}
