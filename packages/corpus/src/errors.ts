import type { Json } from '@heddle/core';

/** The codes that this package adds to core's, with their `details`. */
export interface CorpusErrors {
  /** No document was left to write. `read`: documents that came; `dropped`: how many went, by `stage: reason`. */
  'corpus/empty': {
    source: string;
    read: number;
    dropped: Readonly<Record<string, number>>;
  };
  /** Documents were left, but none fell on this side of the split. */
  'corpus/empty-split': { split: string; documents: number; validation: number };
  /** The output folder already holds something. */
  'corpus/exists': { directory: string };
  /** A file written by another version of this package. */
  'corpus/version': { path: string; given: Json; supported: number };
  /** A cursor that does not belong to this source as it is now. */
  'corpus/bad-cursor': { source: string; cursor: Json; reason: string };
  /** The vocabulary has more entries than the dtype can count. */
  'corpus/vocabulary-too-large': { vocabSize: number; dtype: string; largest: number };
  /** The tokenizer gave an id that its own vocabulary does not have. */
  'corpus/token-out-of-range': { document: string; id: number; vocabSize: number };
  /** The tokenizer has no such token to put between documents. */
  'corpus/no-end-of-text': { token: string };
  /** The shards were written with another tokenizer. Fingerprints. */
  'corpus/tokenizer-mismatch': { directory: string; written: string; given: string };
  /** Too few tokens for one batch of this shape. */
  'corpus/too-small': { tokens: number; needed: number };
}

declare module '@heddle/core' {
  interface ErrorDetails extends CorpusErrors {}
}
