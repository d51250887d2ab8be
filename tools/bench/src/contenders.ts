import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from './worker.js';

/** Who takes part, and how to start it. */
export interface Contender {
  readonly name: string;
  start(): Worker;
}

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** `kernels`: those of `cpu()`; the best where it is left out. */
export const heddle = (name: string, threads: number, kernels = ''): Contender => ({
  name,
  start: () => {
    const worker = path('./heddle-worker.ts');
    const command = [process.execPath, ...process.execArgv, worker, kernels];
    return new Worker(name, command, { ...process.env, HEDDLE_THREADS: String(threads) });
  },
});

/** Debian's OpenBLAS with OpenMP, which shares its threads with torch. */
const OPENBLAS = '/usr/lib/x86_64-linux-gnu/openblas-openmp';
/** Freed memory is kept rather than given back and cleared anew: a tenth or more of a step. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '4294967296', MALLOC_TRIM_THRESHOLD_: '4294967296' };

const torch = (
  name: string,
  python: string,
  threads: number,
  env: NodeJS.ProcessEnv,
): Contender => ({
  name,
  start: () =>
    new Worker(name, [python, path('../torch_peer.py')], {
      ...process.env,
      ...MALLOC,
      OMP_NUM_THREADS: String(threads),
      ...env,
    }),
});

/** The PyTorchs that the environment names, and why others are left out. */
export function peers(threads: number): {
  readonly found: Contender[];
  readonly skipped: string[];
} {
  const { HEDDLE_PYTHON: python, HEDDLE_PYTHON_DEBIAN: debian } = process.env;
  const found: Contender[] = [];
  const skipped: string[] = [];
  if (python) found.push(torch('torch', python, threads, {}));
  else skipped.push('torch: skipped, HEDDLE_PYTHON is not set');
  if (debian) {
    const env = existsSync(OPENBLAS) ? { LD_LIBRARY_PATH: OPENBLAS } : {};
    found.push(torch('torch (Debian)', debian, threads, env));
  } else skipped.push('torch (Debian): skipped, HEDDLE_PYTHON_DEBIAN is not set');
  return { found, skipped };
}
