import { type Backend, fold, type Params, randomNormal, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { matmul, scoped, square, sub, sum, tensor, valueAndGrad, zeros } from '@heddle/tensor';
import { linear, train } from '@heddle/trainer';
import { expect, it } from 'vitest';
import { signum } from '../src/index.js';

const target = [3, -1, 0.5, 2];

/** |w - target|^2, whose gradient is 2 (w - target). */
const quadratic = (backend: Backend) =>
  valueAndGrad(({ w }: Params) => sum(square(sub(w, tensor(backend, target)))));

const read = async (params: Params): Promise<number[]> => Array.from(await params.w.read());

it('finds the minimum of a quadratic', async () => {
  await using backend = cpu();
  const [optimizer, step] = [signum(), quadratic(backend)];
  const params = { w: zeros(backend, [4]) };
  const state = optimizer.init(params);
  const live: number[] = [];
  for (let i = 1; i <= 400; i++) {
    scoped(() => {
      const { grads } = step(params);
      const at = { step: i, lr: 0.1 * (1 - i / 401), scale: tensor(backend, 1) };
      optimizer.update(params, grads, state, at);
    });
    live.push(backend.memory().live);
  }
  (await read(params)).forEach((w, i) => {
    expect(Math.abs(w - target[i])).toBeLessThan(0.02);
  });
  expect(live.at(-1)).toBe(live[0]); // nothing is left behind
});

it('takes the steps that a hand computes', async () => {
  await using backend = cpu();
  const optimizer = signum({ momentum: 0.75 });
  const params = { w: tensor(backend, [1, 1, 1]) };
  const state = optimizer.init(params);
  const update = (step: number, grads: number[], scale: number): void =>
    optimizer.update(params, { w: tensor(backend, grads) }, state, {
      step,
      lr: 0.5,
      scale: tensor(backend, scale),
    });
  update(1, [4, -4, 0], 1); // averages 1, -1, 0
  expect(await read(params)).toEqual([0.5, 1.5, 1]);
  update(2, [-16, -4, 8], 0.5); // averages 0.75 - 2, -0.75 - 0.5, 1
  expect(await read(params)).toEqual([1, 2, 0.5]);
  expect(await read(state)).toEqual([-1.25, -1.25, 1]);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'changes nothing by a scale of %d',
  async (scale) => {
    await using backend = cpu();
    const optimizer = signum();
    const params = { w: tensor(backend, [1, -2]) };
    const state = optimizer.init(params);
    const grads = { w: tensor(backend, [Number.NaN, 1]) };
    optimizer.update(params, grads, state, { step: 1, lr: 0.1, scale: tensor(backend, scale) });
    expect(await read(params)).toEqual([1, -2]);
    expect(await read(state)).toEqual([0, 0]);
  },
);

it('trains', async () => {
  await using backend = cpu();
  const { params } = await train({
    backend,
    seed: 1,
    steps: 200,
    clip: 1,
    optimizer: signum(),
    schedule: linear({ lr: 0.1 }),
    model: { config: {}, init: (_, on) => ({ w: zeros(on, [2, 1]) }) },
    data: {
      name: 'points',
      async *read() {
        for (let i = 0; ; i++) yield { value: randomNormal(fold(rngKey(7), i), 16), cursor: i };
      },
    },
    objective: {
      name: 'squares',
      loss({ w }, points) {
        const x = tensor(backend, points, [8, 2]); // [B, 2]
        const wanted = matmul(x, tensor(backend, [[3], [-1]])); // [B, 1]
        return { sum: sum(square(sub(matmul(x, w), wanted))), count: 8 };
      },
    },
  });
  const [a, b] = await read(params);
  expect(Math.abs(a - 3)).toBeLessThan(0.1);
  expect(Math.abs(b + 1)).toBeLessThan(0.1);
});

it('refuses a momentum that is no share', () => {
  for (const momentum of [-0.1, 1, Number.NaN]) {
    expect(() => signum({ momentum })).toThrow(/momentum cannot be/);
  }
});
