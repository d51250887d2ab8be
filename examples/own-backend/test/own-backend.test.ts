import { type Backend, fold, type Params, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { causalLm } from '@heddle/pretrain';
import { adamw, tensor, valueAndGrad } from '@heddle/tensor';
import { backendSuite } from '@heddle/testkit';
import { gpt2 } from '@heddle/transformer';
import { describe, expect, it } from 'vitest';
import { toyBackend } from '../src/backend.js';

backendSuite({ runner: { describe, it }, create: toyBackend });

describe('training', () => {
  it('gives the losses of the cpu backend', async () => {
    const losses = async (backend: Backend): Promise<number[]> => {
      await using _ = backend;
      const model = gpt2({ vocab_size: 17, n_positions: 8, n_embd: 16, n_layer: 2, n_head: 2 });
      const objective = causalLm(model);
      const optimizer = adamw();
      const params = model.init(rngKey(1), backend);
      const state = optimizer.init(params);
      const found: number[] = [];
      for (let step = 1; step <= 10; step++) {
        const ids = Int32Array.from({ length: 32 }, (_, i) => (i * i) % 17);
        const context = { backend, train: true, key: fold(rngKey(2), step) };
        const { value, grads } = valueAndGrad(
          (p: Params) => objective.loss(p, { rows: 4, length: 8, ids }, context).sum,
        )(params);
        const scale = tensor(backend, 1 / 28);
        optimizer.update(params, grads, state, { step, lr: 1e-2, scale });
        found.push((await value.read())[0] / 28);
      }
      return found;
    };
    const [ours, reference] = [await losses(toyBackend()), await losses(cpu())];
    expect(reference[9]).toBeLessThan(reference[0] - 0.5);
    for (const [i, loss] of ours.entries())
      expect(Math.abs(loss - reference[i])).toBeLessThan(1e-4);
  });
});
