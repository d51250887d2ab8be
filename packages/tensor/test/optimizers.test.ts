import type { Backend, Optimizer, Params, Tensor } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import {
  adamw,
  clipScale,
  globalNorm,
  lion,
  mul,
  scoped,
  sgd,
  tensor,
  valueAndGrad,
} from '../src/index.js';
import { fusedBackend, primitiveBackend } from './support/backends.js';
import { computed, distance, type GoldenTensor, readGolden, toTensor } from './support/golden.js';

type Numbers = Readonly<Record<string, readonly number[]>>;
interface OptimizerGolden {
  readonly start: Readonly<Record<string, GoldenTensor>>;
  readonly grads: readonly Numbers[];
  readonly rates: readonly number[];
  readonly runs: readonly {
    readonly optimizer: 'adamw' | 'sgd' | 'lion';
    readonly options: object;
    readonly decayAll?: boolean;
    readonly after: readonly Numbers[];
  }[];
  readonly clip: readonly { maxNorm: number; norm: number; clipped: Numbers }[];
}

const golden = readGolden<OptimizerGolden>('optimizers.json');
const MAKE = { adamw, sgd, lion };
const everything = { decay: () => true };

function startOf(backend: Backend): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(golden.start).map(([name, x]) => [name, toTensor(backend, x)]),
  );
}

function gradsOf(backend: Backend, step: number): Params {
  return Object.fromEntries(
    Object.entries(golden.grads[step]).map(([name, values]) => [
      name,
      tensor(backend, new Float32Array(values), golden.start[name].shape),
    ]),
  );
}

for (const make of [fusedBackend, primitiveBackend]) {
  const backend = make();
  describe(`ten steps, ${backend.name}`, () => {
    golden.runs.forEach((run, number) => {
      test(`${number} ${run.optimizer} ${JSON.stringify(run.options)}`, async () => {
        const before = backend.memory().live;
        const optimizer = MAKE[run.optimizer]({
          ...run.options,
          ...(run.decayAll ? everything : {}),
        });
        const params = startOf(backend);
        const state = optimizer.init(params);
        for (const [i, expected] of run.after.entries()) {
          scoped(() => {
            const at = { step: i + 1, lr: golden.rates[i], scale: tensor(backend, 1) };
            optimizer.update(params, gradsOf(backend, i), state, at);
          });
          const names = Object.keys(expected);
          const values = await computed(() => names.map((name) => params[name]));
          values.forEach((value, j) => {
            expect(distance(value, expected[names[j]]), `step ${i + 1}`).toBeLessThan(1e-6);
          });
        }
        for (const x of [...Object.values(params), ...Object.values(state)]) x.dispose();
        expect(backend.memory().live).toBe(before);
      });
    });

    golden.clip.forEach(({ maxNorm, norm, clipped }) => {
      test(`clipping to ${maxNorm}`, async () => {
        const names = Object.keys(clipped);
        const [n, ...values] = await computed(() => {
          const grads = gradsOf(backend, 0);
          const total = globalNorm(grads);
          const scale = clipScale(total, maxNorm);
          return [total, ...names.map((name) => mul(grads[name], scale))];
        });
        expect(Math.abs(n[0] - norm) / norm).toBeLessThan(1e-6);
        values.forEach((value, i) => {
          expect(distance(value, clipped[names[i]])).toBeLessThan(1e-6);
        });
      });
    });

    const optimizers: Optimizer[] = [adamw(), sgd({ momentum: 0.9 }), sgd(), lion()];
    for (const scale of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      test(`a scale of ${scale} changes no bit`, async () => {
        for (const optimizer of optimizers) {
          const params = startOf(backend);
          const state = optimizer.init(params);
          const update = (step: number, factor: number): void =>
            scoped(() => {
              const at = { step, lr: 0.1, scale: tensor(backend, factor) };
              optimizer.update(params, gradsOf(backend, step), state, at);
            });
          update(1, 1); // so that the state is not all zeros
          const all = [...Object.values(params), ...Object.values(state)];
          const before = await computed(() => all);
          update(2, scale);
          expect(await Promise.all(all.map((x) => x.read()))).toEqual(before);
        }
      });
    }
  });
}

test('the fused update runs where it is claimed', () => {
  const backend = fusedBackend();
  const optimizer = adamw();
  const params = startOf(backend);
  const state = optimizer.init(params);
  const scale = tensor(backend, 1);
  backend.ran.length = 0;
  const grads = gradsOf(backend, 0);
  optimizer.update(params, grads, state, { step: 1, lr: 0.1, scale });
  expect(backend.ran).toEqual(['adamw', 'adamw']); // those that decay, and those that do not
});

for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`gradients with ${bad} make a scale that is not finite`, async () => {
    for (const backend of [fusedBackend(), primitiveBackend()]) {
      const [scale] = await computed(() => {
        const g = tensor(backend, [1, bad, 2]);
        return [clipScale(globalNorm({ g }), 1)];
      });
      expect(Number.isFinite(scale[0])).toBe(false);
    }
  });
}

test('only what has a gradient changes, and what does not fit is refused', async () => {
  const backend = primitiveBackend();
  const params = startOf(backend);
  const optimizer = adamw();
  const state = optimizer.init({ weight: params.weight });
  const scale = tensor(backend, 1);
  const [bias] = await computed(() => [mul(params.bias, 1)]);
  const { grads } = valueAndGrad((p) => globalNorm(p))({ weight: params.weight });
  optimizer.update(params, grads, state, { step: 1, lr: 0.1, scale });
  expect(await params.bias.read()).toEqual(bias);
  const all = gradsOf(backend, 0);
  const at = { step: 2, lr: 0.1, scale };
  expect(() => optimizer.update(params, all, state, at)).toThrow('"m.bias" is missing in state');
  expect(() => optimizer.update(params, grads, state, { ...at, step: 0 })).toThrow('step = 0');
  expect(() => optimizer.update(params, grads, state, { ...at, lr: Number.NaN })).toThrow(
    'lr = NaN',
  );
  const flat = { weight: tensor(backend, new Float32Array(12)) };
  expect(() => optimizer.update(params, flat, state, at)).toThrow('"weight" need its shape');
  const elsewhere = { ...at, scale: tensor(primitiveBackend(), 1) };
  expect(() => optimizer.update(params, grads, state, elsewhere)).toThrow('different backends');
  expect(() => adamw({ beta1: 1 })).toThrow('beta1 = 1');
  expect(() => sgd({ nesterov: true })).toThrow('nesterov');
});
