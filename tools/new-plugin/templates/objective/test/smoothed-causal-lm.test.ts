import {
  type Backend,
  type LanguageModel,
  type Params,
  randomNormal,
  rngKey,
  type TokenBatch,
} from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { causalLm } from '@heddle/pretrain';
import { embedding, tensor, valueAndGrad } from '@heddle/tensor';
import { expect, it } from 'vitest';
import { smoothedCausalLm } from '../src/index.js';

const VOCABULARY = 5;

/** A model whose logits can be read off: row `id` of a table. */
const model: LanguageModel = {
  config: {},
  vocabSize: VOCABULARY,
  contextLength: 8,
  hiddenSize: VOCABULARY,
  causal: true,
  init: (_, backend) => paramsOf(backend, table),
  hidden: ({ table }, { ids }) => embedding(table, ids),
  logits: (_, hidden) => hidden,
  apply: ({ table }, { ids }) => embedding(table, ids),
};
const table = randomNormal(rngKey(3), VOCABULARY * VOCABULARY);
const paramsOf = (backend: Backend, data: Float32Array): Params => ({
  table: tensor(backend, data, [VOCABULARY, VOCABULARY]),
});

const batch: TokenBatch = {
  rows: 2,
  length: 4,
  ids: Int32Array.of(0, 3, 1, 4, 2, 2, 0, 1),
  segments: Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1),
};
/** What follows what in the batch: within a row, and within a segment. */
const pairs = [
  [0, 3],
  [3, 1],
  [1, 4],
  [2, 2],
  [0, 1],
];

const context = (backend: Backend) => ({ backend, train: true, key: rngKey(1) });

/** -sum over the vocabulary of q log p, where q is the smoothed target. */
function byHand(weights: ArrayLike<number>, smoothing: number): number {
  let total = 0;
  for (const [id, next] of pairs) {
    const logits = Array.from({ length: VOCABULARY }, (_, v) => weights[id * VOCABULARY + v]);
    const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
    logits.forEach((x, v) => {
      const q = smoothing / VOCABULARY + (v === next ? 1 - smoothing : 0);
      total -= q * (x - logSum);
    });
  }
  return total;
}

it.each([0, 0.1, 0.7])('gives the loss that a hand computes, smoothing %d', async (smoothing) => {
  await using backend = cpu();
  const objective = smoothedCausalLm(model, { smoothing });
  const { sum, count } = objective.loss(paramsOf(backend, table), batch, context(backend));
  expect(count).toBe(pairs.length);
  expect((await sum.read())[0]).toBeCloseTo(byHand(table, smoothing), 4);
});

it('is causalLm without smoothing', async () => {
  await using backend = cpu();
  const losses = [smoothedCausalLm(model, { smoothing: 0 }), causalLm(model)].map(
    (objective) => objective.loss(paramsOf(backend, table), batch, context(backend)).sum,
  );
  const [ours, theirs] = await Promise.all(losses.map((loss) => loss.read()));
  expect(ours[0]).toBeCloseTo(theirs[0], 5);
});

it('has the gradient of finite differences', async () => {
  await using backend = cpu();
  const objective = smoothedCausalLm(model, { smoothing: 0.2 });
  const { grads } = valueAndGrad((p: Params) => objective.loss(p, batch, context(backend)).sum)(
    paramsOf(backend, table),
  );
  const gradient = await grads.table.read();
  const h = 1e-4;
  Float64Array.from(table).forEach((x, i, exact) => {
    const moved = (by: number): number => byHand(exact.with(i, x + by), 0.2);
    expect(gradient[i]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 4);
  });
});

it('uses the targets of a batch, and adds up over rows', async () => {
  await using backend = cpu();
  const objective = smoothedCausalLm(model);
  const loss = async (targets: readonly number[]): Promise<number> => {
    const own = { ...batch, targets: Int32Array.from(targets) };
    const { sum } = objective.loss(paramsOf(backend, table), own, context(backend));
    return (await sum.read())[0];
  };
  const first = [3, -100, 4, -100, -100, -100, -100, -100];
  const second = [-100, -100, -100, -100, 2, -100, 1, -100];
  const both = first.map((target, i) => Math.max(target, second[i]));
  expect((await loss(first)) + (await loss(second))).toBeCloseTo(await loss(both), 4);
});

it('counts nothing where there is nothing to predict', async () => {
  await using backend = cpu();
  const one = { rows: 1, length: 1, ids: Int32Array.of(3) };
  const { sum, count } = smoothedCausalLm(model).loss(
    paramsOf(backend, table),
    one,
    context(backend),
  );
  expect(count).toBe(0);
  expect((await sum.read())[0]).toBe(0);
});

it('refuses a smoothing that is no share', () => {
  for (const smoothing of [-0.1, 1, Number.NaN]) {
    expect(() => smoothedCausalLm(model, { smoothing })).toThrow(/smoothing cannot be/);
  }
});
