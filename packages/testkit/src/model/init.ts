import type { Params } from '@heddle/core';
import { check, equal } from '../assert.js';
import { Fixture } from './fixture.js';
import type { ModelTest } from './suite.js';

async function readAll(params: Params): Promise<Map<string, ArrayLike<number>>> {
  const read = new Map<string, ArrayLike<number>>();
  for (const [name, tensor] of Object.entries(params)) read.set(name, await tensor.read());
  return read;
}

export function initTests(test: ModelTest): void {
  test('init', 'the same key gives the same parameters', async ({ model, backend }) => {
    const key = [11, 22] as const;
    const first = model.init(key, backend);
    const second = model.init(key, backend);
    check(Object.keys(first).length > 0, 'there are no parameters');
    check(
      equal(Object.keys(first), Object.keys(second)),
      () => `the names differ: ${Object.keys(first)} and ${Object.keys(second)}`,
    );
    const [a, b] = [await readAll(first), await readAll(second)];
    for (const [name, numbers] of a) {
      check(equal(numbers, b.get(name)), () => `"${name}" is not the same for the same key`);
    }
  });

  test('init', 'another key gives others under the same names', async ({ model, backend }) => {
    const first = model.init([11, 22], backend);
    const second = model.init([11, 23], backend);
    check(equal(Object.keys(first), Object.keys(second)), 'the names depend on the key');
    const [a, b] = [await readAll(first), await readAll(second)];
    check(
      [...a].some(([name, numbers]) => !equal(numbers, b.get(name))),
      'another key gives the same parameters',
    );
  });

  test('init', 'parameters are finite, of a floating dtype, on the backend', async (fixture) => {
    for (const [name, tensor] of Object.entries(fixture.params)) {
      check(tensor.backend === fixture.backend, `"${name}" is on another backend`);
      check(tensor.dtype !== 'i32', `"${name}" is ${tensor.dtype}`);
      const numbers = Array.from(await tensor.read());
      check(numbers.every(Number.isFinite), `"${name}" is not finite everywhere`);
    }
  });

  test('init', 'leaves nothing behind', async ({ model, backend }) => {
    const before = backend.memory().live;
    Fixture.dispose(model.init([1, 2], backend));
    await backend.sync();
    const left = backend.memory().live - before;
    check(left === 0, `${left} bytes are held after all parameters were disposed of`);
  });
}
