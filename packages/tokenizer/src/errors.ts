import type { Json } from '@heddle/core';

/** The codes that this package adds to `HeddleError`. */
export interface TokenizerErrors {
  /** A `tokenizer.json` that contradicts itself or the format. `place` is a path such as `model.merges[3]`. */
  'tokenizer/bad-json': { place: string; reason: string };
  /** A part of a `tokenizer.json` that this package does not have. */
  'tokenizer/unsupported': { place: string; given: Json };
  /** A regular expression would need too much memory: it has looked at so many characters for one match. */
  'tokenizer/regex-limit': { positions: number };
  /** A part of a tokenizer that a format to be written cannot hold. `place` is a path such as `model.type`. */
  'tokenizer/not-writable': { format: string; place: string; reason: string };
  /** An id that the vocabulary does not have. */
  'tokenizer/unknown-id': { id: number; vocabSize: number };
}

declare module '@heddle/core' {
  interface ErrorDetails extends TokenizerErrors {}
}
