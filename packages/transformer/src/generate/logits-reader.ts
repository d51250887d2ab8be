import {
  type Backend,
  type Context,
  type KeyValueCache,
  type LanguageModel,
  type Params,
  rngKey,
} from '@heddle/core';
import { scoped, slice } from '@heddle/tensor';
import { tokenIds } from '../token-ids.js';

/** Computes the logits after a growing list of tokens, with a cache if the model has one. */
export class LogitsReader implements Disposable {
  readonly #model: LanguageModel;
  readonly #params: Params;
  readonly #context: Context;
  readonly #capacity: number;
  #cache: KeyValueCache | undefined;
  /** Index of the oldest token that the model still sees; undefined before the first call. */
  #start: number | undefined;

  /** @param capacity positions that the model will see at most */
  constructor(
    { model, params, backend }: { model: LanguageModel; params: Params; backend: Backend },
    capacity: number,
  ) {
    this.#model = model;
    this.#params = params;
    this.#context = { backend, train: false, key: rngKey(0) };
    this.#capacity = capacity;
  }

  /** Logits of the token after `tokens`, which are those of the last call and at least one more: f32 [V]. */
  async next(tokens: readonly number[]): Promise<ArrayLike<number>> {
    const limit = this.#model.contextLength;
    // A long prompt keeps what fits. Later the older half goes at once, so that this is seldom.
    this.#start ??= Math.max(0, tokens.length - limit);
    if (tokens.length - this.#start > limit) {
      this.#start = tokens.length - Math.ceil(limit / 2);
      this.#cache?.dispose();
      this.#cache = undefined;
    }
    const { backend } = this.#context;
    this.#cache ??= this.#model.createCache?.({ batch: 1, capacity: this.#capacity, backend });
    const fresh = tokens.slice(this.#start + (this.#cache?.length ?? 0));
    const last = scoped(() => {
      const ids = tokenIds(backend, [fresh], this.#model.vocabSize); // [1, T]
      const input = this.#cache ? { ids, cache: this.#cache } : { ids };
      const hidden = this.#model.hidden(this.#params, input, this.#context); // [1, T, E]
      const end = slice(hidden, [0, fresh.length - 1, 0], [1, 1, hidden.shape[2]]);
      return this.#model.logits(this.#params, end); // [1, 1, V]
    });
    try {
      return await last.read();
    } finally {
      last.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.#cache?.dispose();
    this.#cache = undefined;
  }
}
