import { CpuBackend } from '../src/backend.js';
import { nativeKernels } from '../src/native/index.js';
import { openLibrary, type Simd } from '../src/native/library.js';
import { referenceKernels } from '../src/reference/index.js';

/** The instruction sets whose kernels this machine can run, the best first; none without a library. */
export function runnableSimd(): { readonly simd: readonly Simd[]; readonly reason: string } {
  const library = openLibrary({ threads: 1 });
  if ('reason' in library) {
    console.log(`tests of native kernels are skipped: ${library.reason}`);
    return { simd: [], reason: library.reason };
  }
  library.close();
  return { simd: library.runnable, reason: '' };
}

/** A backend on the native kernels of one instruction set. */
export function nativeBackend(simd: Simd, threads: number): CpuBackend {
  const library = openLibrary({ threads, simd });
  if ('reason' in library) throw new Error(library.reason);
  return new CpuBackend(
    nativeKernels(library, referenceKernels),
    simd,
    library.memory,
    library.close,
  );
}
