import { fold, randomNormal, randomUniform, rngKey } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import {
  addTo,
  assign,
  cast,
  copy,
  full,
  gather,
  iota,
  normal,
  ones,
  reshape,
  tensor,
  uniform,
  updateSlice,
  zeros,
} from '../src/index.js';
import { PlainBackend, primitiveBackend } from './support/backends.js';
import { numbersOf } from './support/golden.js';

const backend = primitiveBackend();
const key = fold(rngKey(5), 'create');

describe('tensor', () => {
  test('takes its shape from nested arrays, its dtype from typed arrays', async () => {
    const x = tensor(backend, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.shape, x.dtype]).toEqual([[2, 3], 'f32']);
    expect(await x.read()).toEqual(new Float32Array([1, 2, 3, 4, 5, 6]));
    const ids = tensor(backend, new Int32Array([3, -1]));
    expect([ids.shape, ids.dtype]).toEqual([[2], 'i32']);
    expect(tensor(backend, 7).shape).toEqual([]);
    expect(tensor(backend, [[], []]).shape).toEqual([2, 0]);
    expect(tensor(backend, [1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
    expect(await tensor(backend, [1, 2], [2], 'i32').read()).toEqual(new Int32Array([1, 2]));
  });

  test('copies: the array may change afterwards', async () => {
    const data = new Float32Array([1, 2]);
    const x = tensor(backend, data);
    data[0] = 9;
    expect(Array.from(await x.read())).toEqual([1, 2]);
  });

  test.each([
    ['ragged rows', () => tensor(backend, [[1, 2], [3]]), 'invalid-argument'],
    ['a wrong number of elements', () => tensor(backend, [1, 2, 3], [2, 2]), 'shape-mismatch'],
    ['a negative size', () => zeros(backend, [-1]), 'invalid-argument'],
    ['a fraction as size', () => zeros(backend, [1.5]), 'invalid-argument'],
    ['fractions as i32', () => tensor(backend, [0.5], [1], 'i32'), 'invalid-argument'],
    ['numbers beyond i32', () => full(backend, [1], 2 ** 31, 'i32'), 'invalid-argument'],
    [
      'the wrong typed array',
      () => tensor(backend, new Int32Array(1), [1], 'f32'),
      'dtype-mismatch',
    ],
    [
      'a dtype the backend lacks',
      () => zeros(new PlainBackend('plain'), [1], 'bf16'),
      'dtype-mismatch',
    ],
    [
      'a backend of another contract',
      () => zeros({ ...backend, contract: 2 } as never, [1]),
      'contract-version',
    ],
  ])('refuses %s', (_, make, code) => {
    const before = backend.memory().live;
    expect(make).toThrow(expect.objectContaining({ code }));
    expect(backend.memory().live).toBe(before);
  });
});

test('constants and counts', async () => {
  expect(await numbersOf(() => zeros(backend, [2]))).toEqual([0, 0]);
  expect(await numbersOf(() => ones(backend, [1, 2], 'i32'))).toEqual([1, 1]);
  expect(await numbersOf(() => full(backend, [2], -0.5))).toEqual([-0.5, -0.5]);
  expect(await numbersOf(() => iota(backend, 4))).toEqual([0, 1, 2, 3]);
  expect(await numbersOf(() => zeros(backend, [0, 3]))).toEqual([]);
});

test('random numbers are those of the key', async () => {
  expect(await numbersOf(() => uniform(backend, key, [2, 3]))).toEqual(
    Array.from(randomUniform(key, 6)),
  );
  const expected = Array.from(randomNormal(key, 5), (v) => Math.fround(3 + 0.5 * v));
  expect(await numbersOf(() => normal(backend, key, [5], { mean: 3, std: 0.5 }))).toEqual(expected);
});

describe('in place', () => {
  test('assign, addTo and updateSlice change what views share', async () => {
    const x = zeros(backend, [2, 2]);
    const flat = reshape(x, [4]);
    assign(x, ones(backend, [2, 2]));
    addTo(
      x,
      tensor(backend, [
        [0, 1],
        [2, 3],
      ]),
    );
    expect(Array.from(await flat.read())).toEqual([1, 2, 3, 4]);
    updateSlice(x, tensor(backend, [[9]]), [1, 0]);
    expect(Array.from(await flat.read())).toEqual([1, 2, 9, 4]);
  });

  test('x added to itself, and a copy that stays', async () => {
    const x = tensor(backend, [1, 2]);
    const before = copy(x);
    addTo(x, x);
    expect(Array.from(await x.read())).toEqual([2, 4]);
    expect(Array.from(await before.read())).toEqual([1, 2]);
  });

  test('ids that changed in place are no longer judged by what they were', () => {
    const table = ones(backend, [3, 1]);
    const ids = tensor(backend, new Int32Array([7, 8]));
    const view = reshape(ids, [2, 1]);
    expect(() => gather(table, view)).toThrow('ids from 7 to 8');
    assign(ids, tensor(backend, new Int32Array([0, 2])));
    expect(() => gather(table, view)).not.toThrow();
  });

  test('refuses other shapes, dtypes and blocks outside', () => {
    const x = zeros(backend, [2, 2]);
    const refused = (change: () => void, code: string): void =>
      expect(change).toThrow(expect.objectContaining({ code }));
    refused(() => assign(x, zeros(backend, [2])), 'shape-mismatch');
    refused(() => addTo(x, zeros(backend, [2, 2], 'i32')), 'dtype-mismatch');
    refused(() => updateSlice(x, zeros(backend, [1, 2]), [2, 0]), 'shape-mismatch');
    refused(() => updateSlice(x, zeros(backend, [1, 2]), [0]), 'shape-mismatch');
  });
});

test('cast truncates toward zero and gives a tensor of its own', async () => {
  const x = tensor(backend, [1.9, -1.9]);
  expect(await numbersOf(() => cast(x, 'i32'))).toEqual([1, -1]);
  const same = cast(x, 'f32');
  same.dispose();
  expect(Array.from(await x.read())).toEqual([Math.fround(1.9), Math.fround(-1.9)]);
});
