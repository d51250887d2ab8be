import { setImmediate } from 'node:timers/promises';
import { HeddleError } from '@heddle/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/*
 * Fuzzing with a seed: the same thousands of cases for every change, fifty times as many in the nightly run, which
 * takes another seed every day. A failure tells its seed and the shrunk case: HEDDLE_FUZZ_SEED repeats it,
 * HEDDLE_FUZZ_RUNS sets the number of cases of each test.
 */

const nightly = process.env.HEDDLE_NIGHTLY === '1';
const NIGHTLY_FACTOR = 50;
/** A case that takes longer hangs; most take less than a millisecond. */
const MOST_MS = 5000;
/** The runner hears from a test at least so often. */
const SILENCE_MS = 1000;
const TIMEOUT = 3_600_000;

const seed = numberFrom('HEDDLE_FUZZ_SEED', 1);

function numberFrom(name: string, otherwise: number): number {
  const number = Number(process.env[name] ?? otherwise);
  if (!Number.isSafeInteger(number)) throw new Error(`${name} should be a whole number.`);
  return number;
}

/**
 * A test that checks a property of random cases, `runs` of them for every change. Each ends in time, and leaves
 * the prototype of all objects as it is.
 */
export function fuzz<T>(
  name: string,
  runs: number,
  cases: fc.Arbitrary<T>,
  check: (value: T) => void | Promise<void>,
): void {
  const numRuns = numberFrom('HEDDLE_FUZZ_RUNS', nightly ? runs * NIGHTLY_FACTOR : runs);
  it(
    `${name} (${numRuns} cases, seed ${seed})`,
    async () => {
      let heard = performance.now();
      const property = fc.asyncProperty(cases, async (value) => {
        const start = performance.now();
        await check(value);
        const end = performance.now();
        expect(end - start).toBeLessThan(MOST_MS);
        for (const key in {}) throw new Error(`Object.prototype has a ${key} now.`);
        if (end - heard < SILENCE_MS) return;
        await setImmediate();
        heard = performance.now();
      });
      await fc.assert(property, { numRuns, seed });
    },
    TIMEOUT,
  );
}

/** What `make` returns, or the code of the HeddleError that it throws. Any other error is a failure. */
export function attempt<T extends object>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    return error.code;
  }
}
