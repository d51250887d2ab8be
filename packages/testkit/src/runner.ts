import type { Awaitable, Waiver } from '@heddle/core';

export type { Waiver };

/** What vitest, node:test and others hand to a test; `skip` is used where they do. */
export interface TestContext {
  skip?(reason?: string): void;
}

/** The two functions of a test runner that the suites need. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: (context?: TestContext) => Awaitable<void>): unknown;
}

class Skip extends Error {}

/** Ends the test as not applicable. */
export function skip(reason: string): never {
  throw new Skip(reason);
}

/** Throws a `Skip` or an error; nothing if the test passes. */
type Test = () => Awaitable<void>;

/**
 * Collects the tests of one suite, applies the waivers, and hands them to the runner. A waived test
 * must fail (or the waiver no longer holds), and a waiver must name a test that exists.
 */
export class Suite {
  readonly #groups = new Map<string, Map<string, Test>>();

  test(group: string, name: string, body: Test): void {
    const tests = this.#groups.get(group) ?? new Map<string, Test>();
    if (tests.has(name)) throw new Error(`two tests are called "${group} > ${name}"`);
    this.#groups.set(group, tests.set(name, body));
  }

  register(title: string, runner: Runner, waivers: readonly Waiver[] = []): void {
    const reasons = new Map(waivers.flatMap((w) => w.tests.map((test) => [test, w.reason])));
    const unknown = new Set(reasons.keys());
    runner.describe(title, () => {
      for (const [group, tests] of this.#groups) {
        runner.describe(group, () => {
          for (const [name, body] of tests) {
            const id = `${group} > ${name}`;
            const reason = reasons.get(id);
            unknown.delete(id);
            if (reason === undefined) runner.it(name, (...[context]) => run(body, context));
            else runner.it(`${name} (waived: ${reason})`, () => expectFailure(id, reason, body));
          }
        });
      }
      if (waivers.length > 0) {
        runner.it('waivers name tests that exist', () => {
          if (unknown.size === 0) return;
          throw new Error(`no such test: ${[...unknown].map((id) => `"${id}"`).join(', ')}`);
        });
      }
    });
  }
}

async function run(body: Test, context: TestContext | undefined): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    context?.skip?.(error.message);
  }
}

async function expectFailure(id: string, reason: string, body: Test): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Skip)) return;
  }
  throw new Error(
    `the waiver of "${id}" no longer holds: the test passes. Remove it (its reason was: ${reason}).`,
  );
}
