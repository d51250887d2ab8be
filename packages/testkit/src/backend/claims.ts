import { FUSED, type Op, PRIMITIVES } from '@heddle/core';
import { check, refuses } from '../assert.js';
import type { Suite } from '../runner.js';
import type { CaseGroup } from './cases/case.js';
import { execute } from './execute.js';
import { vector, view, type WithBackend } from './fixture.js';
import { isPrimitive } from './runnable.js';

/** `supports()` says yes to what runs, and no to what does not. */
export function claimTests(suite: Suite, fresh: WithBackend, groups: readonly CaseGroup[]): void {
  const test = (name: string, body: Parameters<WithBackend>[0]): void =>
    suite.test('supports', name, fresh(body));

  test('every primitive in f32', (backend) => {
    const denied = groups
      .filter((group) => isPrimitive(group.kind))
      .flatMap((group) => group.cases('f32'))
      .filter(({ inputs, outputs }) =>
        [...inputs, ...outputs].every((x) => backend.dtypes.includes(x.dtype)),
      )
      .filter(({ op }) => !backend.supports(op, 'f32'));
    const kinds = [...new Set(denied.map(({ op }) => op.kind))];
    check(kinds.length === 0, `these primitives are denied: ${kinds.join(', ')}`);
  });

  test('an operation that is not claimed is refused', async (backend) => {
    for (const kind of FUSED) {
      const group = groups.find((g) => g.kind === kind && g.aspect === 'values');
      const denied = group?.cases('f32').find(({ op }) => !backend.supports(op, 'f32'));
      if (denied === undefined) continue;
      await refuses(`${denied.name}, which supports() denies,`, () => execute(backend, denied));
    }
  });

  test('an unknown operation is denied and refused', async (backend) => {
    const unknown = { kind: 'no such operation' } as unknown as Op;
    check(!backend.supports(unknown, 'f32'), 'an operation that nobody knows is claimed');
    const x = vector(backend, [1]);
    await refuses('an unknown operation', async () => {
      backend.run(unknown, [view(x)], [view(x)]);
      await backend.sync();
    });
  });

  test('asking changes nothing', (backend) => {
    const before = backend.memory().live;
    for (const group of groups) {
      for (const { op } of group.cases('f32')) {
        for (const dtype of ['f32', 'bf16'] as const) {
          const answer: unknown = backend.supports(op, dtype);
          check(typeof answer === 'boolean', `supports(${op.kind}) gave ${String(answer)}`);
        }
      }
    }
    check(backend.memory().live === before, 'supports() allocated');
  });

  suite.test('supports', 'the suite has cases of every operation', () => {
    const kinds = new Set(groups.map((group) => group.kind));
    const missing = [...PRIMITIVES, ...FUSED].filter((kind) => !kinds.has(kind));
    check(missing.length === 0, `no cases of ${missing.join(', ')}`);
  });
}
