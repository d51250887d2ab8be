import { fold, randomUniform, rngKey, type Tensor } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import * as h from '../src/index.js';
import { fusedBackend, primitiveBackend } from './support/backends.js';
import { computed, numbersOf } from './support/golden.js';

const INF = Number.POSITIVE_INFINITY;

for (const make of [fusedBackend, primitiveBackend]) {
  const backend = make();
  const t = (data: h.NestedArray): Tensor => h.tensor(backend, data);

  /** The value of fn at x, and the gradient of the sum of its squares. */
  const both = async (fn: (x: Tensor) => Tensor, data: h.NestedArray): Promise<number[][]> => {
    const results = await computed(() => {
      const x = t(data);
      return [fn(x), h.valueAndGrad((p) => h.sum(h.square(fn(p.x))))({ x }).grads.x];
    });
    return results.map((r) => Array.from(r));
  };

  describe(`extremes, ${backend.name}`, () => {
    test('softmax of rows that are -Infinity, altogether or in part', async () => {
      const [y, dx] = await both(h.softmax, [
        [-INF, -INF],
        [0, -INF],
        [1e38, -1e38],
      ]);
      expect(y).toEqual([0, 0, 1, 0, 1, 0]);
      expect(dx.every((v) => Math.abs(v) < 1e-6)).toBe(true);
    });

    test('logSoftmax of such rows', async () => {
      const y = await numbersOf(() =>
        h.logSoftmax(
          t([
            [-INF, -INF],
            [0, -INF],
          ]),
        ),
      );
      expect(y).toEqual([-INF, -INF, 0, -INF]);
    });

    test('crossEntropy with huge logits and with all ignored', async () => {
      const results = await computed(() => {
        const targets = h.tensor(backend, new Int32Array([0, 1, -100]));
        const x = t([
          [1e4, -1e4],
          [1e4, -1e4],
          [Number.NaN, 1],
        ]);
        const f = h.valueAndGrad((p) => h.sum(h.crossEntropy(p.x, targets)));
        return [h.crossEntropy(x, targets), f({ x }).grads.x];
      });
      expect(Array.from(results[0])).toEqual([0, 2e4, 0]);
      expect(Array.from(results[1])).toEqual([0, 0, 1, -1, 0, 0]);
    });

    test('activations far out', async () => {
      for (const approximate of ['none', 'tanh'] as const) {
        const gelu = (x: Tensor): Tensor => h.gelu(x, { approximate });
        const slopes = await numbersOf(() => {
          const f = h.valueAndGrad((p) => h.sum(gelu(p.x)));
          return f({ x: t([-1e20, -100, 100, 1e20]) }).grads.x;
        });
        expect(slopes.map((v) => v + 0)).toEqual([0, 0, 1, 1]);
        const values = await numbersOf(() => gelu(t([-100, 100, 1e20])));
        expect(values.map((v) => v + 0)).toEqual([0, 100, Math.fround(1e20)]);
      }
      const [s, ds] = await both(h.sigmoid, [-1000, -20, 1000]);
      expect([s[0], s[2]]).toEqual([0, 1]);
      expect(s[1] / 2.0611536e-9).toBeCloseTo(1, 5);
      expect(ds.every((v) => Number.isFinite(v))).toBe(true);
      const [y] = await both(h.silu, [-1000, 1000]);
      expect(y.map((v) => v + 0)).toEqual([0, 1000]);
    });

    test('attention: a query that sees nothing gives zeros and zero gradients', async () => {
      const results = await computed(() => {
        // 3 queries, 2 keys, causal: the first query is before all keys.
        const q = h.normal(backend, rngKey(1), [1, 3, 2, 4]);
        const k = h.normal(backend, rngKey(2), [1, 2, 1, 4]);
        const v = h.normal(backend, rngKey(3), [1, 2, 1, 4]);
        const f = (p: Readonly<Record<string, Tensor>>): Tensor =>
          h.attention(p.q, p.k, p.v, { causal: true });
        const { grads } = h.valueAndGrad((p) => h.sum(h.square(f(p))))({ q, k, v });
        return [f({ q, k, v }), grads.q, grads.k, grads.v];
      });
      for (const values of results) expect(values.every((x) => Number.isFinite(x))).toBe(true);
      expect(Array.from(results[0].slice(0, 8))).toEqual(new Array(8).fill(0));
      expect(Array.from(results[1].slice(0, 8))).toEqual(new Array(8).fill(0));
    });

    test('attention: what lies beyond keyLength, or in the future, is never looked at', async () => {
      const [y] = await computed(() => {
        const shape = [1, 3, 1, 2];
        const k = h.tensor(backend, new Float32Array([1, 0, 0, 1, NaN, NaN]), shape);
        const v = h.tensor(backend, new Float32Array([1, 2, 3, 4, NaN, NaN]), shape);
        const q = h.ones(backend, [1, 1, 1, 2]);
        return [h.attention(q, k, v, { causal: true, keyLength: 2 })];
      });
      expect(Array.from(y)).toEqual([2, 3]);
    });

    test('NaN stays NaN where it is, and does not spread to other rows', async () => {
      const x = (): Tensor =>
        t([
          [Number.NaN, 1, 2],
          [1, 2, 3],
        ]);
      const g = (): Tensor => h.ones(backend, [3]);
      for (const fn of [
        () => h.softmax(x()),
        () => h.layerNorm(x(), g(), g()),
        () => h.rmsNorm(x(), g()),
      ]) {
        const y = await numbersOf(fn);
        expect(y.slice(0, 3)).toEqual([NaN, NaN, NaN]);
        expect(y.slice(3).every((v) => Number.isFinite(v))).toBe(true);
      }
    });

    test('empty batches', async () => {
      const empty = h.zeros(backend, [0, 4]);
      const w = h.ones(backend, [4]);
      const results = await computed(() => {
        const y = h.layerNorm(h.gelu(h.linear(empty, h.ones(backend, [4, 4]), { bias: w })), w, w);
        const f = h.valueAndGrad((p) => h.sum(h.rmsNorm(h.softmax(empty), p.w)));
        return [y, f({ w }).grads.w];
      });
      expect(results.map((r) => Array.from(r))).toEqual([[], [0, 0, 0, 0]]);
    });

    test('dropout keeps what the key says, forward and backward', async () => {
      const key = fold(rngKey(3), 'dropout');
      const rate = 0.3;
      const n = 1000;
      const [y, dx] = await computed(() => {
        const x = h.ones(backend, [10, n / 10]);
        return [
          h.dropout(x, rate, key),
          h.valueAndGrad((p) => h.sum(h.mul(h.dropout(p.x, rate, key), 2)))({ x }).grads.x,
        ];
      });
      const draws = randomUniform(key, n);
      const factor = 1 / (1 - rate);
      for (let i = 0; i < n; i++) {
        const expected = draws[i] >= rate ? factor : 0;
        expect(Math.abs(y[i] - expected)).toBeLessThan(1e-6);
        expect(Math.abs(dx[i] - 2 * expected)).toBeLessThan(1e-6);
      }
      const kept = y.filter((v) => v > 0).length;
      expect(Math.abs(kept / n - 0.7)).toBeLessThan(0.06); // 4 standard errors
      expect(await numbersOf(() => h.dropout(t([1, 2]), 0, key))).toEqual([1, 2]);
    });
  });
}
