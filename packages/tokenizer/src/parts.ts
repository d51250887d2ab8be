import type { Json } from '@heddle/core';
import type { AlignedText } from './aligned-text.js';
import type { IdList } from './id-list.js';

/**
 * The parts of a tokenizer, in the order in which a text passes them. Each writes itself as its
 * section of `tokenizer.json`. `assemble` makes a tokenizer of them.
 */

/** Changes a text before it is cut: lower case, accents, Unicode forms. */
export interface Normalizer {
  normalize(text: AlignedText): AlignedText;
  toJSON(): Json;
}

/** The end of the piece that begins at `start` (`start < end`). Looks at nothing outside of `[start, end)`. */
export interface PieceEnd {
  (text: string, start: number, end: number): number;
  /** Where there is another scanner for the same pieces: what it is to cut by. */
  readonly pattern?: SplitPattern;
}

/** The split pattern of GPT-2, or of cl100k, with numbers of so many digits at most. */
export type SplitPattern =
  | { readonly name: 'gpt2' }
  | { readonly name: 'cl100k'; readonly maxDigits: 1 | 3 };

/** Gives the pieces of `text[start, end)` in order, each a stretch of it. Looks at nothing outside. */
export type Cut = (
  text: string,
  start: number,
  end: number,
  emit: (start: number, end: number) => void,
) => void;

/** Cuts a text into pieces; no token reaches over the end of a piece. */
export interface PreTokenizer {
  /** Gives the pieces in order; they may be changed, and what is between them may be left out. No piece is empty. */
  split(text: AlignedText, emit: (piece: AlignedText) => void): void;
  /** Where pieces are stretches of the text as it stands: finds them without copies. */
  readonly cut?: Cut;
  /** Where they also leave no gap, and none depends on those before it: the fastest way. */
  readonly pieceEnd?: PieceEnd;
  /** A text that does not begin with a space is read as if it did; with `pieceEnd`. */
  readonly addPrefixSpace?: boolean;
  /** The model is to take the UTF-8 bytes of a piece for its symbols, instead of its characters. */
  readonly bytes?: boolean;
  toJSON(): Json;
}

/** The vocabulary, and how a piece becomes ids. */
export interface Model {
  /** Every token with its id. */
  readonly vocab: ReadonlyMap<string, number>;
  /**
   * Appends the ids of the piece `text[start, end)`; with `spans` two numbers a token, where it begins and ends
   * in units of `text`: a token that is part of a character covers that character.
   */
  encodePiece(text: string, start: number, end: number, out: IdList, spans?: IdList): void;
  /** The same without remembering the piece, for a caller that does; its bytes in UTF-8 tell the ids. */
  readonly encodeUncached?: (text: string, start: number, end: number, out: IdList) => void;
  toJSON(): Json;
}

/** What stands in a finished encoding: all tokens of a text, or a token that is put there. */
export type LayoutItem =
  | { readonly text: 'first' | 'second'; readonly typeId: number }
  | { readonly specialToken: number; readonly typeId: number };

/** What is done to a whole encoding: special tokens around the texts, offsets without spaces. */
export interface PostProcessor {
  /** How one text, or a pair, is laid out; without special tokens the items of texts remain. */
  layout(pair: boolean): readonly LayoutItem[];
  /** Changes the offsets of one text's tokens, two numbers a token, in place. */
  adjustOffsets?(ids: Int32Array, offsets: Int32Array, tokenOf: (id: number) => string): void;
  toJSON(): Json;
}

/** The way back from tokens to text. */
export interface Decoder {
  /** Strings which, joined, are the text of the tokens; a step of a sequence takes those of the step before. */
  decodeChain(tokens: readonly string[]): string[];
  /** Where every token of the model stands for bytes whatever is around it: these bytes. */
  bytesOf?(token: string): Uint8Array;
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
  /** Takes the white space before it, or after it, along. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Not found inside of a word. */
  readonly singleWord: boolean;
}
