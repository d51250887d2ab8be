import type { Awaitable, Backend } from '@heddle/core';
import { checkContract } from '@heddle/core';
import { check, equal, refuses } from '../assert.js';
import type { Suite } from '../runner.js';
import { ADD, apply, vector, type WithBackend } from './fixture.js';

/** The plug-in itself: its version, its independence, its end. */
export function instanceTests(
  suite: Suite,
  fresh: WithBackend,
  create: () => Awaitable<Backend>,
): void {
  suite.test(
    'contract',
    'version, name and dtypes',
    fresh((backend) => {
      checkContract(backend);
      check(backend.name.length > 0, 'it has no name');
      for (const dtype of ['f32', 'i32'] as const) {
        check(backend.dtypes.includes(dtype), `dtypes must list ${dtype}`);
      }
    }),
  );

  suite.test('instances', 'two do not interfere', async () => {
    await using first = await create();
    await using second = await create();
    const start = second.memory().live;
    const x = vector(first, [1, 2]);
    await first.sync();
    check(second.memory().live === start, 'memory of one instance is counted by another');
    const y = vector(second, [10, 20]);
    apply(first, ADD, [x, x], x);
    apply(second, ADD, [y, y], y);
    apply(first, ADD, [x, x], x);
    const got = [...(await first.read(x)), ...(await second.read(y))];
    check(equal(got, [4, 8, 20, 40]), `4, 8, 20, 40 expected, got ${got.join(', ')}`);
  });

  suite.test('instances', 'disposing of one leaves the other', async () => {
    const first = await create();
    await using second = await create();
    const y = vector(second, [10, 20]);
    vector(first, [1, 2]);
    await first[Symbol.asyncDispose]();
    apply(second, ADD, [y, y], y);
    check(equal([...(await second.read(y))], [20, 40]), 'the other instance is broken');
  });

  suite.test('dispose', 'with buffers alive and work enqueued, and twice', async () => {
    const backend = await create();
    const x = vector(backend, [1, 2]);
    for (let i = 0; i < 10; i++) apply(backend, ADD, [x, x], x);
    await backend[Symbol.asyncDispose]();
    await backend[Symbol.asyncDispose]();
  });

  suite.test('dispose', 'use afterwards is refused', async () => {
    const backend = await create();
    const x = vector(backend, [1, 2]);
    await backend[Symbol.asyncDispose]();
    await refuses('reading after dispose', () => backend.read(x));
    await refuses('running after dispose', async () => {
      apply(backend, ADD, [x, x], x);
      await backend.sync();
    });
  });
}
