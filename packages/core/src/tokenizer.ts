import type { Json } from './json.js';

export interface Encoding {
  readonly ids: Int32Array;
  /** [start, end) of each token in the text, in UTF-16 units; two numbers a token. Only if asked for. */
  readonly offsets?: Int32Array;
}

export interface EncodeOptions {
  /** Add what the model wants around a text (begin of text, [CLS] …). Default true. */
  readonly addSpecialTokens?: boolean;
  /** Special tokens written in the text are read as such, not as text. Default false. */
  readonly parseSpecialTokens?: boolean;
  readonly offsets?: boolean;
}

export interface DecodeOptions {
  /** Leave special tokens out. Default true. */
  readonly skipSpecialTokens?: boolean;
}

export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabSize: number;
  encode(text: string, options?: EncodeOptions): Encoding;
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  idOf(token: string): number | undefined;
  tokenOf(id: number): string | undefined;
  /** The content of `tokenizer.json`. */
  toJSON(): Json;
}
