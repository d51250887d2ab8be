import { HeddleError, type Json } from '@heddle/core';
import { BYTE_CHARS } from '../src/byte-alphabet.js';
import { byteBpe, byteDecoder, bytePreTokenizer } from '../src/formats/byte-level-content.js';
import { addedToken, tokenizerContent } from '../src/formats/content.js';

/* Small tokenizers for the writers of other formats. */

export type Content = { readonly [section: string]: Json };
export type Write = (tokenizer: { toJSON(): Json }) => unknown;

/** The content of a tokenizer.json, with some sections others. */
export function changed(json: Json, sections: Content): { toJSON(): Json } {
  return { toJSON: () => ({ ...(json as Content), ...sections }) };
}

/** With some options of the model others. */
export function changedModel(json: Json, options: Content): { toJSON(): Json } {
  return changed(json, { model: { ...((json as Content).model as Content), ...options } });
}

export function refusal(write: () => unknown): HeddleError<'tokenizer/not-writable'> {
  try {
    write();
  } catch (error) {
    if (HeddleError.is(error, 'tokenizer/not-writable')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export interface ByteLevelOptions {
  readonly ignoreMerges?: boolean;
  /** What merges make has ids against their order. */
  readonly backwards?: boolean;
  /** Tokens that no merge makes. */
  readonly more?: readonly string[];
}

/** Byte-level BPE of the 256 bytes and what these merges make. */
export function byteLevel(
  merges: readonly (readonly [string, string])[],
  { ignoreMerges = false, backwards = false, more = [] }: ByteLevelOptions = {},
): Json {
  const made = merges.map((merge) => merge.join(''));
  const tokens = new Set([...BYTE_CHARS, ...(backwards ? made.reverse() : made), ...more]);
  return tokenizerContent({
    addedTokens: [],
    preTokenizer: bytePreTokenizer('gpt2'),
    decoder: byteDecoder(),
    model: byteBpe({
      vocab: Array.from(tokens, (token, id) => [token, id] as const),
      merges,
      ignoreMerges,
    }),
  });
}

/** SentencePiece's BPE of characters, with the unknown token 0. */
export function characterBpe(
  merges: readonly (readonly [string, string])[],
  options: Content = {},
): Json {
  const tokens = new Set(['<unk>', '▁', 'a', 'b', 'c', ...merges.map((merge) => merge.join(''))]);
  const model = byteBpe({
    vocab: Array.from(tokens, (token, id) => [token, id] as const),
    merges,
  }) as Content;
  return tokenizerContent({
    addedTokens: [addedToken(0, '<unk>', true)],
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    decoder: { type: 'Fuse' },
    model: { ...model, unk_token: '<unk>', fuse_unk: true, ...options },
  });
}

export function unigram(
  vocab: readonly (readonly [string, number])[],
  options: Content = {},
): Json {
  return tokenizerContent({
    addedTokens: [addedToken(0, '<unk>', true)],
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    decoder: { type: 'Fuse' },
    model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], ...vocab], ...options },
  });
}

export function vocabOf(json: Json): Content {
  return ((json as Content).model as Content).vocab as Content;
}
