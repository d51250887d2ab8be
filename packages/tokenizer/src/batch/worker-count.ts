import { availableParallelism } from 'node:os';
import { HeddleError } from '@heddle/core';

const MOST_WORKERS = 256;

/** How many workers `caller` starts: as asked for, else the environment's HEDDLE_THREADS, else the cores that this process may use. */
export function workerCount(caller: string, workers?: number): number {
  const given = workers ?? process.env.HEDDLE_THREADS;
  if (given === undefined || given === '') return Math.min(availableParallelism(), MOST_WORKERS);
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_WORKERS) return count;
  throw new HeddleError(
    'invalid-argument',
    `${caller}: workers should be a whole number from 1 to ${MOST_WORKERS}, not ${given} (option workers or HEDDLE_THREADS).`,
    { argument: 'workers', given },
  );
}
