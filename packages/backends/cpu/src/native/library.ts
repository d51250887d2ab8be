import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { ABI, checked, closedError, type NativeLibrary } from './abi.js';
import { systemMemory } from './memory.js';

/** The endings of the kernels' names: the instruction sets they are compiled for. */
export type Simd = 'avx512bf16' | 'avx512' | 'avx2' | 'generic';

/** The native kernels of one instruction set, on one pool of threads. */
export interface SystemLibrary extends NativeLibrary {
  readonly path: string;
  readonly simd: Simd;
}

/** Where the library is: in the built package, or, when the sources run, in what was built last. */
function findLibrary(): string | undefined {
  const file = `libheddle_cpu.${process.platform === 'darwin' ? 'dylib' : 'so'}`;
  return ['./native/', '../../dist/native/']
    .map((folder) => fileURLToPath(new URL(folder + file, import.meta.url)))
    .find((path) => existsSync(path));
}

/**
 * Opens the native kernels, or says why they cannot serve.
 *
 * @param options.simd an instruction set other than the best of this processor (which must have it)
 * @param options.path the library's file, if not the one that belongs to this package
 */
export function openLibrary(options: {
  readonly threads: number;
  readonly simd?: Simd;
  readonly path?: string;
}): SystemLibrary | { readonly reason: string } {
  const path = options.path ?? findLibrary();
  if (path === undefined)
    return { reason: 'no native library was built for this package (is there a C compiler?)' };
  try {
    const library = koffi.load(path);
    const abi: number = library.func('hd_abi', 'int', [])();
    if (abi !== ABI) return { reason: `${path} has ABI ${abi}, this package needs ${ABI}` };
    const simd: Simd = options.simd ?? library.func('hd_tier', 'str', [])();
    const pool: bigint | null = library.func('hd_pool_acquire', 'void *', ['int'])(options.threads);
    if (pool === null) return { reason: `the system refuses ${options.threads} threads` };
    const release = library.func('hd_pool_release', 'void', ['void *']);
    const refused: (pool: bigint) => number = library.func('hd_pool_refused', 'double', ['void *']);
    let open = true;
    return {
      path,
      simd,
      threads: options.threads,
      memory: systemMemory(library),
      bind(name, types) {
        const call = library.func(`hd_${name}_${simd}`, 'int', ['void *', ...types]);
        return (...args) => {
          if (!open) throw closedError(name);
          const status: number = call(pool, ...args);
          return checked(name, status, () => ({
            asked: refused(pool),
            live: process.memoryUsage().arrayBuffers,
          }));
        };
      },
      address: koffi.address,
      close() {
        if (open) release(pool);
        open = false;
      },
    };
  } catch (error) {
    return { reason: `${path} does not load: ${error instanceof Error ? error.message : error}` };
  }
}
