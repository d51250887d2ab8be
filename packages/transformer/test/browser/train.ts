import { type Backend, rngKey } from '@heddle/core';
import {
  adamw,
  clipScale,
  crossEntropy,
  globalNorm,
  scope,
  sum,
  tensor,
  valueAndGrad,
} from '@heddle/tensor';
import { gpt2 } from '@heddle/transformer';

const [ROWS, LENGTH, STEPS] = [4, 32, 12];

/** Trains a tiny GPT to repeat a pattern; the mean loss of each step. */
export async function trainTinyGpt(backend: Backend): Promise<number[]> {
  const model = gpt2({ vocab_size: 40, n_positions: LENGTH, n_embd: 64, n_layer: 2, n_head: 2 });
  const params = model.init(rngKey(1), backend);
  const optimizer = adamw();
  const state = optimizer.init(params);
  const ids = Int32Array.from({ length: ROWS * LENGTH }, (_, i) => (i * i * 7) % 40);
  const targets = Int32Array.from(ids, (_, i) => ids[(i + 1) % ids.length]);
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    using _ = scope();
    const x = tensor(backend, ids, [ROWS, LENGTH], 'i32');
    const y = tensor(backend, targets, [ROWS, LENGTH], 'i32');
    const context = { backend, train: true, key: rngKey(step) };
    const { value, grads } = valueAndGrad((p) =>
      sum(crossEntropy(model.apply(p, { ids: x }, context), y)),
    )(params);
    optimizer.update(params, grads, state, {
      step,
      lr: 1e-3,
      scale: clipScale(globalNorm(grads), 1),
    });
    losses.push((await value.read())[0] / ids.length);
  }
  return losses;
}
