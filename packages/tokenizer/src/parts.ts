import type { Json } from '@heddle/core';
import type { IdList } from './id-list.js';

/**
 * The parts of a tokenizer, in the order in which a text passes them. Each writes itself as its
 * section of `tokenizer.json`. `assemble` makes a tokenizer of them.
 */

/** The end of the piece that begins at `start` (`start < end`). Looks at nothing outside of `[start, end)`. */
export type PieceEnd = (text: string, start: number, end: number) => number;

/** Cuts a text into pieces; no token reaches over the end of a piece. */
export interface PreTokenizer {
  readonly pieceEnd: PieceEnd;
  /** A text that does not begin with a space is read as if it did. */
  readonly addPrefixSpace: boolean;
  toJSON(): Json;
}

/** The vocabulary, and how a piece becomes ids. */
export interface Model {
  /** Every token with its id. */
  readonly vocab: ReadonlyMap<string, number>;
  /** Appends the ids of the piece `text[start, end)`. */
  encodePiece(text: string, start: number, end: number, out: IdList): void;
  toJSON(): Json;
}

/** What is done to a whole encoding. */
export interface PostProcessor {
  /** Changes the offsets of an encoding, two numbers a token, in place. */
  adjustOffsets(ids: Int32Array, offsets: Int32Array, tokenOf: (id: number) => string): void;
  toJSON(): Json;
}

/** The way back from tokens to text. */
export interface Decoder {
  /** The bytes that a token of the model stands for. */
  bytesOf(token: string): Uint8Array;
  toJSON(): Json;
}

/** A token that is found in the text before anything else happens to it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Special tokens are left out of decoded text, and found in a text only if asked for. */
  readonly special: boolean;
  /** Looked for after normalization, which gives way to those looked for before it. */
  readonly normalized: boolean;
}
