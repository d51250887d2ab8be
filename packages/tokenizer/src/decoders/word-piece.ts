import type { Decoder } from '../parts.js';

/** Joins `##` pieces to words, and puts a space before every other token; `cleanup` mends English punctuation. */
export function wordPieceDecoder(prefix: string, cleanup: boolean): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token, i) => {
        const spaced =
          i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        return cleanup ? cleanedUp(spaced) : spaced;
      }),
    toJSON: () => ({ type: 'WordPiece', prefix, cleanup }),
  };
}

const CLEANUPS: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** Takes out the spaces that tokenization put before English punctuation and contractions. */
export function cleanedUp(text: string): string {
  return CLEANUPS.reduce((done, [from, to]) => done.replaceAll(from, to), text);
}
