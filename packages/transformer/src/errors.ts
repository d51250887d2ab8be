import type { Json } from '@heddle/core';

/** Error codes of this package with their details. */
export interface TransformerErrors {
  /** A configuration that is unknown, contradictory or out of bounds. `key` is the key at fault. */
  'transformer/config': { modelType: string; key: string; given: Json };
  /** Weights that are not those of the architecture: in a checkpoint, or in a record of tensors. */
  'transformer/parameters': {
    /** The checkpoint's folder; undefined for a record in memory. */
    path: string | undefined;
    missing: readonly string[];
    unexpected: readonly string[];
    /** Names with another shape or dtype. */
    mismatched: readonly string[];
  };
  /** More positions than the model (or the cache) has room for. */
  'transformer/context-length': { asked: number; limit: number };
  /** A token id outside 0 … vocabSize - 1. */
  'transformer/token-id': { id: number; index: number; vocabSize: number };
  /** Logits that are no basis for a choice: NaN, +Infinity, or -Infinity alone. */
  'transformer/logits': { index: number };
}

declare module '@heddle/core' {
  interface ErrorDetails extends TransformerErrors {}
}
