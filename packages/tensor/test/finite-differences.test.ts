import { fold, type Params, randomUniform, rngKey, sizeOf, type Tensor } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import { add, mul, scoped, sum, tensor, valueAndGrad } from '../src/index.js';
import { fusedBackend, primitiveBackend } from './support/backends.js';
import { arrayOf, opCases, toTensor } from './support/golden.js';
import { applyCase, weightedSum } from './support/op-table.js';

const STEP = 0.02;
const TOLERANCE = 1e-3;

/*
 * The derivative along a random direction d, by the five-point rule
 *   f'(0) = (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12h + O(h^4),
 * against <gradient, d>. Rounding of f32 makes about 1e-7 |f| / h of error. Cases on a kink (equal
 * operands of a maximum, say), or spread so wide that h is nothing to them, have no such derivative.
 */
const skipped = (note: string): boolean => ['tie', 'zeros', 'wide range'].includes(note);

for (const make of [fusedBackend, primitiveBackend]) {
  const backend = make();
  describe(`finite differences, ${backend.name}`, () => {
    opCases().forEach((golden, number) => {
      if (!golden.grads || skipped(golden.note)) return;
      test(`${number} ${golden.op} ${golden.note}`, async () => {
        const key = fold(rngKey(number), 'direction');
        const names = Object.keys(golden.grads!);
        const all = scoped(() => {
          const inputs = Object.fromEntries(
            Object.entries(golden.inputs).map(([name, x]) => [name, toTensor(backend, x)]),
          );
          const direction = directions(names, inputs, key);
          const dys = golden.dys!.map((dy) => toTensor(backend, dy));
          const f = (params: Params): Tensor =>
            weightedSum(applyCase(golden, { ...inputs, ...params }), dys);
          const at = (h: number): Tensor =>
            f(Object.fromEntries(names.map((n) => [n, add(inputs[n], mul(direction[n], h))])));
          const params = Object.fromEntries(names.map((n) => [n, inputs[n]]));
          const { grads } = valueAndGrad(f)(params);
          const slope = names
            .map((n) => sum(mul(grads[n], direction[n])))
            .reduce((a, b) => add(a, b));
          return [slope, ...[-2, -1, 1, 2].map((i) => at(i * STEP))].map((x) => x.read());
        });
        const [slope, a, b, c, d] = (await Promise.all(all)).map((x) => x[0]);
        const difference = (a - 8 * b + 8 * c - d) / (12 * STEP);
        expect(Math.abs(slope - difference)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(slope)));
      });
    });
  });
}

function directions(
  names: readonly string[],
  inputs: Readonly<Record<string, Tensor>>,
  key: readonly [number, number],
): Record<string, Tensor> {
  return Object.fromEntries(
    names.map((name) => {
      const { shape, backend } = inputs[name];
      const values = randomUniform(fold(key, name), sizeOf(shape)).map((u) => 2 * u - 1);
      return [name, tensor(backend, values, shape)];
    }),
  );
}

test('the cases have a direction in which the derivative is not 0', () => {
  const flat = opCases().filter(
    ({ op, grads }) => grads && !['sign', 'floor'].includes(op) && allZero(Object.values(grads)),
  );
  // One position, or one row that softmax cannot change: right, but they prove little.
  expect(flat.length).toBeLessThan(5);
});

function allZero(grads: readonly Parameters<typeof arrayOf>[0][]): boolean {
  return grads.every((g) => arrayOf(g).every((v) => v === 0));
}
