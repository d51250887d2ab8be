import type { DecodeOptions, Tokenizer } from '@heddle/core';
import { alphabetBytes } from './byte-alphabet.js';

/** Turns ids into text one by one. */
export interface StreamDecoder {
  /** The text that is certain now: never half a character. Often empty. */
  push(id: number): string;
  /** What is left; half a character becomes U+FFFD. After this the decoder may be used anew. */
  end(): string;
}

/** Ids that are kept to decode the next one after: enough for decoders that strip a few spaces. */
const MOST_BEFORE = 8;

/**
 * Decodes a stream of ids. All that it returns, joined, is `tokenizer.decode` of all ids, whichever decoder
 * the tokenizer has, and an id takes the same time wherever it stands.
 *
 * Bytes of a byte-level vocabulary are certain as soon as they are whole characters. A run of tokens like
 * `<0xE2>` is certain only when it has ended: one byte that is not UTF-8 makes U+FFFD of all of them.
 * Other tokens are decoded after those before them, as some read otherwise at the beginning of a text.
 *
 * @throws tokenizer/unknown-id as `decode` does; the stream is then as before
 */
export function streamDecoder(tokenizer: Tokenizer, options?: DecodeOptions): StreamDecoder {
  const decode = (ids: readonly number[]): string => tokenizer.decode(ids, options);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The last ids whose text was returned, and how long their text is. */
  let before: readonly number[] = [];
  let lengthBefore = 0;
  /** A run of tokens like `<0xE2>` that may go on. */
  let run: number[] = [];
  const after = (ids: readonly number[]): string => decode([...before, ...ids]).slice(lengthBefore);
  const keep = (ids: readonly number[]): void => {
    before = ids;
    lengthBefore = decode(ids).length;
  };
  return {
    push(id) {
      const text = decode([id]);
      const token = tokenizer.tokenOf(id) as string;
      if (isByteToken(token) && text !== token) {
        run.push(id);
        return '';
      }
      if (text === '' && isLeftOut(tokenizer, id)) return '';
      const bytes = isUnfinished(text, token) ? alphabetBytes(token) : undefined;
      if (bytes) {
        keep([]);
        return utf8.decode(bytes, { stream: true });
      }
      const fresh = utf8.decode() + after([...run, id]);
      keep(text === '' ? [...before, ...run, id].slice(-MOST_BEFORE) : [id]);
      run = [];
      return fresh;
    },
    end() {
      const rest = utf8.decode() + after(run);
      run = [];
      keep([]);
      return rest;
    },
  };
}

/** A token of byte fallback: `<0xE2>`. */
function isByteToken(token: string): boolean {
  return /^<0x[0-9a-fA-F]{2}>$/.test(token);
}

/** Whether this is a special token that `decode` passes over; other tokens without text may still count. */
function isLeftOut(tokenizer: Tokenizer, id: number): boolean {
  return tokenizer.decode([id], { skipSpecialTokens: false }) !== '';
}

/** Whether a token holds a part of a character, and not U+FFFD itself. */
function isUnfinished(text: string, token: string): boolean {
  return text.includes('\ufffd') && !token.includes('\ufffd');
}
