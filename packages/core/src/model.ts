import type { Backend } from './backend.js';
import type { Json } from './json.js';
import type { RngKey } from './rng.js';
import type { Params, Tensor } from './tensor.js';

/** What a forward pass may depend on besides its parameters and its input. */
export interface Context {
  readonly backend: Backend;
  /** Training: dropout is on. */
  readonly train: boolean;
  /** The key of all randomness of this pass; fold it, never reuse it. */
  readonly key: RngKey;
}

/** An architecture as functions over `Params`. `config` is what a checkpoint's config.json holds. */
export interface Model<In, Out> {
  readonly config: { readonly [key: string]: Json };
  init(key: RngKey, backend: Backend): Params;
  apply(params: Params, input: In, context: Context): Out;
}

/** Keys and values of the positions seen so far, for incremental decoding. */
export interface KeyValueCache {
  /** Positions stored. */
  readonly length: number;
  /** Positions it has room for. */
  readonly capacity: number;
  dispose(): void;
}

export interface TokenInput {
  /** i32 [B, T]. */
  readonly ids: Tensor;
  /** i32 [B, T]; a position attends only to positions of its own segment (packed documents, padding). */
  readonly segments?: Tensor;
  /** i32 [B, T]; default 0 … T-1, after the positions of the cache. */
  readonly positions?: Tensor;
  /** If given, attends to what it holds as well, and appends the new positions to it. */
  readonly cache?: KeyValueCache;
}

/** A model over tokens; `apply` is `logits(hidden(...))`. */
export interface LanguageModel extends Model<TokenInput, Tensor> {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Whether a position sees only those before it. */
  readonly causal: boolean;
  /** [B, T, hiddenSize]: what the last layer (after its norm) says of each position. */
  hidden(params: Params, input: TokenInput, context: Context): Tensor;
  /** [..., hiddenSize] -> [..., vocabSize]. */
  logits(params: Params, hidden: Tensor): Tensor;
  /** An empty cache; absent where the architecture cannot decode incrementally. */
  createCache?(options: { batch: number; capacity: number; backend: Backend }): KeyValueCache;
}
