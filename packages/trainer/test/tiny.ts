import {
  type Backend,
  type Context,
  fold,
  type Item,
  type Objective,
  type Params,
  type RngKey,
  randomNormal,
  randomUniform,
  rngKey,
  type Source,
} from '@heddle/core';
import {
  add,
  crossEntropy,
  dropout,
  matmul,
  normal,
  sum,
  tanh,
  tensor,
  zeros,
} from '@heddle/tensor';

/** A classifier of 4 numbers into 3 classes, small enough to train in a test. */
export interface TinyBatch {
  /** [rows, 4] */
  readonly inputs: Float32Array;
  /** [rows] */
  readonly labels: Int32Array;
}

export const tinyModel = {
  config: { model_type: 'tiny', hidden: 8 },
  init: (key: RngKey, backend: Backend): Params => ({
    w1: normal(backend, fold(key, 'w1'), [4, 8], { std: 0.5 }),
    b1: zeros(backend, [8]),
    w2: normal(backend, fold(key, 'w2'), [8, 3], { std: 0.5 }),
    b2: zeros(backend, [3]),
  }),
};

export function tinyObjective(rate = 0): Objective<TinyBatch> {
  return {
    name: 'tiny',
    loss(params: Params, { inputs, labels }: TinyBatch, { backend, key }: Context) {
      const x = tensor(backend, inputs, [labels.length, 4]); // [R, 4]
      const hidden = tanh(add(matmul(x, params.w1), params.b1)); // [R, 8]
      const kept = rate > 0 ? dropout(hidden, rate, fold(key, 'hidden')) : hidden;
      const logits = add(matmul(kept, params.w2), params.b2); // [R, 3]
      return { sum: sum(crossEntropy(logits, tensor(backend, labels))), count: labels.length };
    },
  };
}

/** Batch number `i` of an endless stream; the class is mostly that of the largest of the first three numbers. */
export function tinyBatch(i: number, rows = 6): TinyBatch {
  const inputs = randomNormal(fold(rngKey(99), i), rows * 4);
  const noise = randomUniform(fold(rngKey(98), i), rows);
  const labels = Int32Array.from({ length: rows }, (_, r) => {
    const row = inputs.subarray(r * 4, r * 4 + 3);
    return noise[r] < 0.05 ? 0 : row.indexOf(Math.max(...row));
  });
  return { inputs, labels };
}

export function tinySource(
  options: { batch?: (i: number) => TinyBatch; length?: number; wait?: number } = {},
): Source<TinyBatch> {
  const { batch = tinyBatch, length = Infinity, wait } = options;
  return {
    name: 'tiny',
    async *read({ after }): AsyncIterable<Item<TinyBatch>> {
      for (let i = after === undefined ? 0 : (after as number) + 1; i < length; i++) {
        if (wait !== undefined) await new Promise((resolve) => setTimeout(resolve, wait));
        yield { value: batch(i), cursor: i };
      }
    },
  };
}

/** Mean loss over rows that are not trained on. */
export async function tinyLoss(params: Params, backend: Backend): Promise<number> {
  const context = { backend, train: false, key: rngKey(0) };
  const { sum: total, count } = tinyObjective().loss(params, tinyBatch(1e9, 200), context);
  const [value] = await total.read();
  return value / count;
}

export async function readAll(params: Params): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const [name, t] of Object.entries(params)) all[name] = [...(await t.read())];
  return all;
}

export function disposeAll(params: Params): void {
  for (const t of Object.values(params)) t.dispose();
}
