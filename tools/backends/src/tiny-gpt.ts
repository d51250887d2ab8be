import { type Backend, fold, type Params, rngKey, type TokenBatch } from '@heddle/core';
import { causalLm } from '@heddle/pretrain';
import { adamw, scope, tensor, valueAndGrad } from '@heddle/tensor';
import { gpt2, type Transformer } from '@heddle/transformer';

/** The model of every comparison of backends: two layers, 64 wide, a vocabulary of 65, rows of 32. */
export function tinyGpt(): Transformer {
  return gpt2({
    vocab_size: 65,
    n_positions: 32,
    n_embd: 64,
    n_layer: 2,
    n_head: 4,
    attn_pdrop: 0,
    embd_pdrop: 0,
    resid_pdrop: 0,
  });
}

/** Eight rows of a pattern that can be learnt. */
export const BATCH: TokenBatch = {
  rows: 8,
  length: 32,
  ids: Int32Array.from({ length: 256 }, (_, i) => (i * i + 3 * (i >> 5)) % 65),
};

/** Trains the tiny GPT on one batch, step by step: what each step's loss was. */
export class TinyRun {
  readonly model: Transformer = tinyGpt();
  readonly params: Params;
  readonly #optimizer = adamw();
  readonly #state: Params;
  #step = 0;

  constructor(readonly backend: Backend) {
    this.params = this.model.init(rngKey(1), backend);
    this.#state = this.#optimizer.init(this.params);
  }

  /** One update; resolves with the loss a token. */
  async step(): Promise<number> {
    using _ = scope();
    const { backend, params } = this;
    const step = ++this.#step;
    const context = { backend, train: true, key: fold(rngKey(2), step) };
    const objective = causalLm(this.model);
    let count = 0;
    const { value, grads } = valueAndGrad((p: Params) => {
      const loss = objective.loss(p, BATCH, context);
      count = loss.count;
      return loss.sum;
    })(params);
    const scale = tensor(backend, 1 / count);
    this.#optimizer.update(params, grads, this.#state, { step, lr: 3e-3, scale });
    return (await value.read())[0] / count;
  }
}
