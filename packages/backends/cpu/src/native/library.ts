import koffi from 'koffi';
import { ABI, checked, closedError, type NativeLibrary } from './abi.js';
import { libraryPaths, platformPackage } from './locate.js';
import { systemMemory } from './memory.js';

/** The endings of the kernels' names: the instruction sets they are compiled for. */
export type Simd = 'avx512bf16' | 'avx512' | 'avx2' | 'neon' | 'generic';

/** The native kernels of one instruction set, on one pool of threads. */
export interface SystemLibrary extends NativeLibrary {
  readonly path: string;
  readonly simd: Simd;
  /** All that the library has and this processor runs, the best first. */
  readonly runnable: readonly Simd[];
}

/**
 * Opens the native kernels, or says why they cannot serve. Of several libraries the first one that fits
 * this processor and this package is taken.
 *
 * @param options.simd an instruction set other than the best of this processor; default what
 * HEDDLE_CPU_TIER names
 * @param options.path the library's file, if not one of those that belong to this package
 */
export function openLibrary(options: {
  readonly threads: number;
  readonly simd?: Simd;
  readonly path?: string;
}): SystemLibrary | { readonly reason: string } {
  const paths = options.path === undefined ? libraryPaths() : [options.path];
  const wanted = options.simd ?? (process.env.HEDDLE_CPU_TIER || undefined);
  const reasons: string[] = [];
  for (const path of paths) {
    const opened = openAt(path, options.threads, wanted);
    if (!('reason' in opened)) return opened;
    reasons.push(opened.reason);
  }
  const missing = `there is no native library: ${platformPackage()} is not installed, and none was built here`;
  return { reason: reasons.length > 0 ? reasons.join('; ') : missing };
}

function openAt(
  path: string,
  threads: number,
  wanted: string | undefined,
): SystemLibrary | { readonly reason: string } {
  try {
    const library = koffi.load(path);
    const abi: number = library.func('hd_abi', 'int', [])();
    if (abi !== ABI) return { reason: `${path} has ABI ${abi}, this package needs ${ABI}` };
    const { all, able } = tiersOf(library);
    const simd = wanted === undefined ? able[0] : able.find((name) => name === wanted);
    if (simd === undefined) {
      const lack = all.includes(wanted as Simd) ? 'this processor lacks' : 'it does not have';
      return {
        reason: `${path} cannot run its kernels "${wanted}", which ${lack} (those that run: ${able.join(', ')})`,
      };
    }
    const pool: bigint | null = library.func('hd_pool_acquire', 'void *', ['int'])(threads);
    if (pool === null) return { reason: `the system refuses ${threads} threads` };
    const release = library.func('hd_pool_release', 'void', ['void *']);
    const refused: (pool: bigint) => number = library.func('hd_pool_refused', 'double', ['void *']);
    let open = true;
    return {
      path,
      simd,
      runnable: able,
      threads,
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

/** The instruction sets that the library was compiled for, and those of them that this processor has; best first. */
function tiersOf(library: ReturnType<typeof koffi.load>): { all: Simd[]; able: Simd[] } {
  const nameOf: (index: number) => Simd | null = library.func('hd_tier_name', 'str', ['int']);
  const runs: (name: string) => number = library.func('hd_tier_runs', 'int', ['str']);
  const all: Simd[] = [];
  for (let name = nameOf(0); name !== null; name = nameOf(all.length)) all.push(name);
  return { all, able: all.filter((name) => runs(name) !== 0) };
}
