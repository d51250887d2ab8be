import type { Awaitable, Backend, OpKind } from '@heddle/core';
import { type Runner, Suite, skip, type Waiver } from '../runner.js';
import { allCases } from './cases/all.js';
import type { CaseGroup } from './cases/case.js';
import { claimTests } from './claims.js';
import { forEachCase, verify, verifyRepeatable } from './execute.js';
import { type WithBackend, withBackend } from './fixture.js';
import { instanceTests } from './instances.js';
import { limitTests } from './limits.js';
import { memoryTests } from './memory.js';
import { orderingTests } from './ordering.js';
import { runnable } from './runnable.js';
import { lifetimeTests, storageTests } from './storage.js';

export interface BackendSuiteOptions {
  readonly runner: Runner;
  /** Makes a fresh backend; called about once a test, and disposed of after it. */
  readonly create: () => Awaitable<Backend>;
  readonly waivers?: readonly Waiver[];
  /** Multiplies the tolerances of inexact operations (default 1), of all or dtype by dtype; exact ones stay exact. */
  readonly tolerance?: number | { readonly f32?: number; readonly bf16?: number };
}

/** One operation's tests: each aspect, repeatability, and bf16 where the backend has it. */
function operationTests(
  suite: Suite,
  fresh: WithBackend,
  kind: OpKind,
  groups: readonly CaseGroup[],
  factorOf: (dtype: 'f32' | 'bf16') => number,
): void {
  for (const group of groups) {
    suite.test(
      kind,
      group.aspect,
      fresh(async (backend) => {
        const cases = runnable(backend, group, 'f32');
        if (cases.length === 0) skip('not claimed');
        await forEachCase(cases, (one) => verify(backend, one, factorOf('f32')));
      }),
    );
  }
  const values = groups.filter((group) => group.aspect === 'values');
  const main = values.length > 0 ? values : groups;
  suite.test(
    kind,
    'the same bits twice',
    fresh(async (backend) => {
      const cases = main.flatMap((group) => runnable(backend, group, 'f32'));
      if (cases.length === 0) skip('not claimed');
      await forEachCase(cases, (one) => verifyRepeatable(backend, one));
    }),
  );
  if (values.length === 0) return;
  suite.test(
    kind,
    'bf16',
    fresh(async (backend) => {
      const cases = values.flatMap((group) => runnable(backend, group, 'bf16'));
      if (cases.length === 0) skip('not claimed');
      await forEachCase(cases, (one) => verify(backend, one, factorOf('bf16')));
    }),
  );
}

/**
 * Registers the conformance tests of `Backend` with a test runner: every operation against an
 * oracle in doubles, honest `supports()`, storage, order, lifetimes, memory, instances.
 */
export function backendSuite(options: BackendSuiteOptions): void {
  const { runner, create, waivers, tolerance = 1 } = options;
  const suite = new Suite();
  const fresh = withBackend(create);
  const groups = allCases();
  instanceTests(suite, fresh, create);
  claimTests(suite, fresh, groups);
  storageTests(suite, fresh);
  lifetimeTests(suite, fresh);
  orderingTests(suite, fresh);
  memoryTests(suite, fresh, groups);
  limitTests(suite, fresh);
  const factorOf = (dtype: 'f32' | 'bf16'): number =>
    typeof tolerance === 'number' ? tolerance : (tolerance[dtype] ?? 1);
  for (const kind of new Set(groups.map((group) => group.kind))) {
    const own = groups.filter((group) => group.kind === kind);
    operationTests(suite, fresh, kind, own, factorOf);
  }
  suite.register('backend', runner, waivers);
}
