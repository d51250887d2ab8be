import { type Backend, fold, type Params, type RngKey, rngKey } from '@heddle/core';
import { causalLm } from '@heddle/pretrain';
import { adamw, tensor, valueAndGrad } from '@heddle/tensor';
import { gpt2 } from '@heddle/transformer';

export interface TinyGpt {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly context: number;
  readonly batch: number;
  readonly vocabulary: number;
  readonly dropout?: number;
}

/** Training of a small GPT-2 on numbers that follow a rule: each call is a step and gives its mean loss. */
export function training(
  backend: Backend,
  { layers, width, heads, context, batch, vocabulary, dropout = 0 }: TinyGpt,
): () => Promise<number> {
  const model = gpt2({
    vocab_size: vocabulary,
    n_positions: context,
    n_embd: width,
    n_layer: layers,
    n_head: heads,
    embd_pdrop: dropout,
    resid_pdrop: dropout,
    attn_pdrop: 0,
  });
  const objective = causalLm(model);
  const optimizer = adamw();
  const params = model.init(rngKey(1), backend);
  const state = optimizer.init(params);
  const ids = Int32Array.from({ length: batch * context }, (_, i) => (i * i + 3 * i) % vocabulary);
  const count = batch * (context - 1);
  let step = 0;
  return async () => {
    step++;
    const key: RngKey = fold(rngKey(2), step);
    const context_ = { backend, train: true, key };
    const { value, grads } = valueAndGrad(
      (p: Params) => objective.loss(p, { rows: batch, length: context, ids }, context_).sum,
    )(params);
    const scale = tensor(backend, 1 / count);
    optimizer.update(params, grads, state, { step, lr: 3e-3, scale });
    const [sum] = await value.read();
    for (const x of [value, scale, ...Object.values(grads)]) x.dispose();
    return sum / count;
  };
}
