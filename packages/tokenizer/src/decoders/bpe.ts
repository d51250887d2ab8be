import type { Decoder } from '../parts.js';

/** A suffix marks the end of a word: it becomes a space, and nothing in the last token. */
export function bpeDecoder(suffix: string): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token, i) =>
        suffix === '' ? token : token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '),
      ),
    toJSON: () => ({ type: 'BPEDecoder', suffix }),
  };
}
