import { BYTES } from '@heddle/core';
import { check } from '../assert.js';
import type { Suite } from '../runner.js';
import type { CaseGroup } from './cases/case.js';
import { execute } from './execute.js';
import { vector, type WithBackend } from './fixture.js';
import { runnable } from './runnable.js';

/** What memory() says, and that operations give back what they took. */
export function memoryTests(suite: Suite, fresh: WithBackend, groups: readonly CaseGroup[]): void {
  const test = (name: string, body: Parameters<WithBackend>[0]): void =>
    suite.test('memory', name, fresh(body));

  test('live counts what buffers hold and returns to the start', async (backend) => {
    const start = backend.memory().live;
    const buffers = [1000, 1, 70000].map((size) => {
      const buffer = backend.alloc(size, 'f32');
      backend.write(buffer, new Float32Array(size));
      return buffer;
    });
    await backend.sync();
    const held = backend.memory().live - start;
    const bytes = 71001 * BYTES.f32;
    check(held >= bytes, `71001 f32 are held (${bytes} bytes), but live grew by ${held}`);
    for (const buffer of buffers) backend.free(buffer);
    await backend.sync();
    const { live } = backend.memory();
    check(live === start, `all is freed, but live is ${live} bytes and was ${start}`);
  });

  test('peak is the most that was live', async (backend) => {
    const seen: number[] = [];
    const look = (): void => {
      const { live, peak } = backend.memory();
      seen.push(live);
      check(peak >= Math.max(...seen), `peak is ${peak}, but ${Math.max(...seen)} were live`);
    };
    look();
    const a = vector(backend, new Array<number>(5000).fill(1));
    await backend.sync();
    look();
    const b = vector(backend, new Array<number>(9000).fill(1));
    await backend.sync();
    look();
    backend.free(a);
    backend.free(b);
    await backend.sync();
    look();
  });

  test('operations leave nothing behind', async (backend) => {
    const leaking: string[] = [];
    for (const group of groups) {
      const [one] = runnable(backend, group, 'f32');
      if (one === undefined) continue;
      await backend.sync();
      const before = backend.memory().live;
      try {
        await execute(backend, one);
      } catch {
        continue; // that operation's own tests tell
      }
      await backend.sync();
      const grown = backend.memory().live - before;
      if (grown !== 0) leaking.push(`${one.name} (${grown} bytes)`);
    }
    check(leaking.length === 0, `memory is still held after ${leaking.join('; ')}`);
  });
}
