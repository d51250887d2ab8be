import type { DecodeOptions, Tokenizer } from '@heddle/core';

/** Turns ids into text one by one. */
export interface StreamDecoder {
  /** The text that is certain now: never half a character. Often empty. */
  push(id: number): string;
  /** What is left; half a character becomes U+FFFD. After this the decoder may be used anew. */
  end(): string;
}

const REPLACEMENT = '\ufffd';

/**
 * Decodes a stream of ids. All that it returns, joined, is `tokenizer.decode` of all ids.
 *
 * It decodes a window of the last ids, which begins anew wherever the text ends in a whole character.
 * One U+FFFD at the end of the window may be the beginning of a character, so it is held back. The ids
 * of the step before stay in the window, for tokenizers whose tokens read otherwise at the beginning.
 */
export function streamDecoder(tokenizer: Tokenizer, options?: DecodeOptions): StreamDecoder {
  /** Ids of the step before, whose text was returned already, then the ids since. */
  let window: number[] = [];
  let done = 0;
  /** Length of the window's text that was returned. */
  let returned = 0;
  return {
    push(id) {
      window.push(id);
      const text = tokenizer.decode(window, options);
      if (text.endsWith(REPLACEMENT)) {
        const fresh = text.slice(returned, -1);
        returned = Math.max(returned, text.length - 1);
        return fresh;
      }
      const fresh = text.slice(returned);
      if (fresh !== '') {
        window = window.slice(done);
        done = window.length;
        returned = tokenizer.decode(window, options).length;
      }
      return fresh;
    },
    end() {
      const rest = tokenizer.decode(window, options).slice(returned);
      window = [];
      done = 0;
      returned = 0;
      return rest;
    },
  };
}
