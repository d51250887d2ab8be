import { type Callback, checkContract, fold, randomNormal, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { adamw, matmul, square, sub, sum, tensor, zeros } from '@heddle/tensor';
import { constant, type TrainResult, train } from '@heddle/trainer';
import { expect, it } from 'vitest';
import { plugin, stopBelow } from '../src/index.js';

/** Fits y = 3 a - b, which takes some hundred steps. */
async function trainWith(callback: Callback, steps: number): Promise<TrainResult> {
  await using backend = cpu();
  return await train({
    backend,
    seed: 1,
    steps,
    logEvery: 1,
    optimizer: adamw({ weightDecay: 0 }),
    schedule: constant({ lr: 0.05 }),
    callbacks: [callback],
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
}

it('ends a run whose loss is low', async () => {
  const { step, reason } = await trainWith(stopBelow({ loss: 0.5 }), 500);
  expect(reason).toBe('the training loss is below 0.5');
  expect(step).toBeLessThan(500);
  expect(step).toBeGreaterThan(3);
});

it('lets others go on', async () => {
  const { step, reason } = await trainWith(stopBelow({ loss: 0 }), 20);
  expect(reason).toBe('finished');
  expect(step).toBe(20);
});

it('counts only losses in a row, and goes on counting after a resume', () => {
  const stopped: string[] = [];
  const run = {
    directory: undefined,
    step: 1,
    totalSteps: 10,
    params: {},
    stop: (reason: string) => void stopped.push(reason),
    checkpoint: async () => undefined,
  };
  const hear = (callback: Callback, loss: number, split = 'train') =>
    callback.onMetrics?.({ step: 1, split, metrics: { loss } }, run);
  const first = stopBelow({ loss: 1, times: 2 });
  hear(first, 0.5);
  hear(first, 1.5);
  hear(first, 0.5);
  hear(first, 0.5, 'validation');
  expect(stopped).toEqual([]);
  const resumed = stopBelow({ loss: 1, times: 2 });
  resumed.loadState?.(JSON.parse(JSON.stringify(first.saveState?.())));
  hear(resumed, 0.5);
  expect(stopped).toHaveLength(1);
});

it('refuses options that mean nothing', () => {
  expect(() => stopBelow({ loss: Number.NaN })).toThrow(/loss cannot be NaN/);
  expect(() => stopBelow({ loss: 1, times: 0 })).toThrow(/times cannot be 0/);
});

it('is offered to the command by its name', async () => {
  checkContract(plugin);
  const make = plugin.callbacks?.['part-name'];
  expect((await make?.({ loss: 2 }))?.name).toBe('part-name');
  expect(() => make?.({})).toThrow(/"loss" cannot be null/);
  expect(() => make?.({ loss: 2, time: 3 })).toThrow(/"time" cannot be 3/);
});
