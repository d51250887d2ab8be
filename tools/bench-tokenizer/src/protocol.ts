/** What a contender is asked, one line of JSON each; it answers with one line. */
export type Request =
  | { readonly do: 'version' }
  /** Reads a tokenizer.json. */
  | { readonly do: 'load'; readonly vocabulary: string; readonly path: string }
  /** Encodes each text of a file: a JSON array of strings. */
  | { readonly do: 'encode'; readonly path: string }
  | { readonly do: 'train'; readonly path: string; readonly vocabSize: number };

export interface VersionReply {
  readonly version: string;
}

export interface LoadReply {
  readonly milliseconds: number;
}

export interface EncodeReply {
  readonly milliseconds: number;
  readonly tokens: number;
  /** SHA-256 of all ids as 32-bit numbers. */
  readonly digest: string;
}

export interface TrainReply {
  readonly milliseconds: number;
  /** SHA-256 of the merges, a line each. */
  readonly digest: string;
}

/** What could not be done. */
export interface FailedReply {
  readonly failed: string;
}
