import { type Backend, fold, type Params, rngKey } from '@heddle/core';
import { causalLm } from '@heddle/pretrain';
import { adamw, tensor, valueAndGrad } from '@heddle/tensor';
import { gpt2 } from '@heddle/transformer';

export interface Training {
  readonly losses: readonly number[];
  /** Bytes that live on the device after each step. */
  readonly live: readonly number[];
  readonly tokensPerSecond: number;
}

const ROWS = 4;
const LENGTH = 8;
const TARGETS = ROWS * (LENGTH - 1);

/** Trains a small GPT on pieces of a repeating sequence; disposes of the backend. `enqueued` hears of each step. */
export async function trainTinyGpt(
  backend: Backend,
  steps: number,
  enqueued?: (step: number) => void,
): Promise<Training> {
  await using _ = backend;
  const model = gpt2({ vocab_size: 29, n_positions: LENGTH, n_embd: 16, n_layer: 2, n_head: 2 });
  const objective = causalLm(model);
  const optimizer = adamw();
  const params = model.init(rngKey(1), backend);
  const state = optimizer.init(params);
  const losses: number[] = [];
  const live: number[] = [];
  let start = 0;
  for (let step = 1; step <= steps; step++) {
    if (step === 2) start = performance.now();
    const ids = Int32Array.from({ length: ROWS * LENGTH }, (_, i) => (i + step) ** 2 % 29);
    const context = { backend, train: true, key: fold(rngKey(2), step) };
    const { value, grads } = valueAndGrad(
      (p: Params) => objective.loss(p, { rows: ROWS, length: LENGTH, ids }, context).sum,
    )(params);
    const scale = tensor(backend, 1 / TARGETS);
    optimizer.update(params, grads, state, { step, lr: 3e-3, scale });
    enqueued?.(step);
    losses.push((await value.read())[0] / TARGETS);
    await backend.sync();
    for (const used of [value, scale, ...Object.values(grads)]) used.dispose();
    live.push(backend.memory().live);
  }
  const tokensPerSecond = ((steps - 1) * ROWS * LENGTH) / ((performance.now() - start) / 1000);
  return { losses, live, tokensPerSecond };
}
