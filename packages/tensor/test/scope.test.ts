import { HeddleError, type Tensor } from '@heddle/core';
import { expect, test } from 'vitest';
import { add, keep, mul, ones, reshape, scope, scoped } from '../src/index.js';
import { primitiveBackend } from './support/backends.js';
import { numbersOf } from './support/golden.js';

const backend = primitiveBackend();
const live = (): number => backend.memory().live;

test('a scope frees what was made in it, and what was made outside stays', async () => {
  const x = ones(backend, [4]);
  {
    using inside = scope();
    const y = add(x, 1);
    expect(inside.size).toBe(2); // y and the constant
    expect(live()).toBe(4 * 4 + 4 * 4 + 4);
    expect(y.shape).toEqual([4]);
  }
  expect(live()).toBe(16);
  expect(Array.from(await x.read())).toEqual([1, 1, 1, 1]);
  x.dispose();
  expect(live()).toBe(0);
});

test('scoped gives its result to the scope around it', () => {
  scoped(() => {
    const { pair, nothing } = scoped(() => {
      const a = ones(backend, [2]);
      const b = mul(a, 2);
      return { pair: [a, { b }] as const, nothing: undefined, number: 3 };
    });
    expect(nothing).toBeUndefined();
    expect(live()).toBe(16);
    expect(pair[1].b.shape).toEqual([2]);
  });
  expect(live()).toBe(0);
});

test('what is returned but was made outside is left where it was', () => {
  scoped(() => {
    const x = ones(backend, [2]);
    scoped(() => {
      scoped(() => x); // not given to the scope in between, which ends here
    });
    expect(() => add(x, x)).not.toThrow();
  });
  expect(live()).toBe(0);
});

test('keep takes a tensor out of all scopes', () => {
  const x = scoped(() => scoped(() => keep(ones(backend, [2]))));
  const kept: Tensor[] = [];
  scoped(() => {
    kept.push(keep(ones(backend, [2])));
  });
  expect(live()).toBe(16);
  for (const t of [x, ...kept]) t.dispose();
  expect(live()).toBe(0);
});

test('views share memory, which the last one frees', async () => {
  const x = ones(backend, [2, 2]);
  const y = reshape(x, [4]);
  expect(live()).toBe(16);
  x.dispose();
  expect(await numbersOf(() => mul(y, 3))).toEqual([3, 3, 3, 3]);
  y.dispose();
  expect(live()).toBe(0);
});

test('freeing twice does nothing; using what was freed is an error that names it', async () => {
  const x = ones(backend, [2, 3]);
  const y = reshape(x, [6]);
  x.dispose();
  x.dispose();
  expect(() => add(x, 1)).toThrow(/add: the tensor f32 \[2, 3\] was freed/);
  await expect(x.read()).rejects.toMatchObject({ code: 'use-after-free' });
  expect(live()).toBe(24); // y is still there
  y.dispose();
});

test('an error inside frees too', () => {
  expect(() =>
    scoped(() => {
      ones(backend, [8]);
      throw new Error('inside');
    }),
  ).toThrow('inside');
  expect(live()).toBe(0);
});

test('scopes close in reverse order, and are synchronous', () => {
  const outer = scope();
  const inner = scope();
  ones(backend, [1]);
  expect(() => outer[Symbol.dispose]()).toThrow(HeddleError);
  expect(live()).toBe(4);
  inner[Symbol.dispose]();
  inner[Symbol.dispose]();
  expect(live()).toBe(0);
  expect(() => scoped(async () => ones(backend, [1]))).toThrow('synchronous');
  expect(live()).toBe(0);
});

test('an operation that fails keeps no output', () => {
  const spy = primitiveBackend();
  const x = ones(spy, [4]);
  const before = spy.memory().live;
  spy.run = () => {
    throw new Error('device lost');
  };
  expect(() => mul(x, x)).toThrow('device lost');
  expect(spy.memory().live).toBe(before);
});
