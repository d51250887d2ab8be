import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { HeddleError } from '@heddle/core';

/** The most threads that the native pool takes. */
const MAX_THREADS = 256;

/** Cores that the control groups of this process grant it (`cpu.max`, version 2), or Infinity. */
function cgroupCores(): number {
  let cores = Number.POSITIVE_INFINITY;
  try {
    const line = readFileSync('/proc/self/cgroup', 'utf8').match(/^0::(\/.*)$/m);
    let path = line?.[1] ?? '/';
    for (;;) {
      cores = Math.min(cores, quotaOf(`/sys/fs/cgroup${path === '/' ? '' : path}/cpu.max`));
      if (path === '/') return cores;
      path = path.slice(0, path.lastIndexOf('/')) || '/';
    }
  } catch {
    return cores; // not Linux, or no control groups
  }
}

function quotaOf(file: string): number {
  try {
    const [quota, period] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    return quota > 0 && period > 0
      ? Math.max(1, Math.floor(quota / period))
      : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY; // this level sets no limit
  }
}

/**
 * How many threads to use: `threads` if given, else the environment's HEDDLE_THREADS, else the
 * cores that this process may use (its CPU affinity and control group).
 */
export function threadCount(threads?: number): number {
  const given = threads ?? process.env.HEDDLE_THREADS;
  if (given === undefined || given === '')
    return Math.min(availableParallelism(), cgroupCores(), MAX_THREADS);
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_THREADS) return count;
  throw new HeddleError(
    'invalid-argument',
    `cpu: threads must be an integer in 1 … ${MAX_THREADS}, not ${given} (option threads or HEDDLE_THREADS).`,
    { argument: 'threads', given },
  );
}
