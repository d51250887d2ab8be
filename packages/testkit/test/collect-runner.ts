import type { Runner, TestContext } from '../src/index.js';

export type Outcome = 'passed' | 'skipped' | Error;

/** Registers a suite with a runner that keeps the tests, and runs those that `wanted` picks. */
export async function outcomes(
  register: (runner: Runner) => void,
  wanted: (id: string) => boolean = () => true,
): Promise<Map<string, Outcome>> {
  const tests = new Map<string, (context?: TestContext) => unknown>();
  const path: string[] = [];
  register({
    describe(name, body) {
      path.push(name);
      body();
      path.pop();
    },
    it(name, body) {
      tests.set([...path.slice(1), name].join(' > '), body);
    },
  });
  const results = new Map<string, Outcome>();
  for (const [id, body] of tests) {
    if (!wanted(id)) continue;
    let skipped = false;
    try {
      await body({
        skip: () => {
          skipped = true;
        },
      });
      results.set(id, skipped ? 'skipped' : 'passed');
    } catch (error) {
      results.set(id, error as Error);
    }
  }
  return results;
}

/** The names of the tests that failed. */
export function failures(results: ReadonlyMap<string, Outcome>): string[] {
  return [...results].filter(([, outcome]) => outcome instanceof Error).map(([id]) => id);
}
