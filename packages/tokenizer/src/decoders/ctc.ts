import type { Decoder } from '../parts.js';
import { cleanedUp } from './word-piece.js';

export interface CtcOptions {
  readonly padToken: string;
  readonly wordDelimiterToken: string;
  readonly cleanup: boolean;
}

/** Connectionist temporal classification (Graves et al. 2006): repetitions count once, blanks not at all. */
export function ctcDecoder({ padToken, wordDelimiterToken, cleanup }: CtcOptions): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens
        .filter((token, i) => token !== tokens[i - 1])
        .map((token) => {
          const text = padToken === '' ? token : token.replaceAll(padToken, '');
          return cleanup ? cleanedUp(text).replaceAll(wordDelimiterToken, ' ') : text;
        })
        .filter((text) => text !== ''),
    toJSON: () => ({
      type: 'CTC',
      pad_token: padToken,
      word_delimiter_token: wordDelimiterToken,
      cleanup,
    }),
  };
}
