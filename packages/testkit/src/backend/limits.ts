import type { Backend, DeviceLimits } from '@heddle/core';
import { HeddleError } from '@heddle/core';
import { check } from '../assert.js';
import { type Suite, skip } from '../runner.js';
import { vector, type WithBackend } from './fixture.js';

/** Beyond what a backend says that its device holds there is an error, and up to there is none. */
export function limitTests(suite: Suite, fresh: WithBackend): void {
  const test = (
    limit: keyof DeviceLimits,
    body: (backend: Backend, most: number) => unknown,
  ): void =>
    suite.test(
      'limits',
      limit,
      fresh(async (backend) => {
        const most = backend.limits?.[limit];
        if (most === undefined) skip('no such limit');
        await body(backend, most);
        const x = vector(backend, [1, 2]);
        check((await backend.read(x))[1] === 2, 'the backend does not go on after the refusal');
      }),
    );

  test('maxElements', (backend, most) =>
    refused(`a buffer of ${most + 1} elements`, () => backend.alloc(most + 1, 'f32')));

  test('maxInteger', async (backend, most) => {
    const buffer = backend.alloc(2, 'i32');
    const edge = Math.min(most, 2 ** 31 - 1);
    backend.write(buffer, Int32Array.of(edge, -edge));
    const got = await backend.read(buffer);
    check(
      got[0] === edge && got[1] === -edge,
      `${edge} and ${-edge} are read as ${got.join(', ')}`,
    );
    if (most >= 2 ** 31 - 1) return;
    for (const beyond of [most + 1, -most - 1]) {
      await refused(`the integer ${beyond}`, async () => {
        backend.write(buffer, Int32Array.of(beyond, 0));
        await backend.read(buffer);
      });
    }
  });
}

async function refused(what: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    check(
      HeddleError.is(error, 'device-limit'),
      () => `${what} should be refused as device-limit, but gave ${String(error)}`,
    );
    return;
  }
  throw new Error(`${what} should be refused, but was taken`);
}
