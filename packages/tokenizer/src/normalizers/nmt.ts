import type { Normalizer } from '../parts.js';
import { eachCharacter } from './each-character.js';

/** What a text has if this normalizer changes anything. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const REMOVED = /[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/u;
const SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/u;

/** Takes control characters away and makes other white space spaces, as SentencePiece's `nmt_nfkc` does. */
export function nmt(): Normalizer {
  return {
    normalize(text) {
      if (!REMOVED.test(text.text) && !SPACES.test(text.text)) return text;
      return eachCharacter(text, (point) => {
        if (point >= 0x20 && point < 0x7f) return undefined;
        const char = String.fromCodePoint(point);
        if (REMOVED.test(char)) return '';
        return SPACES.test(char) ? ' ' : undefined;
      });
    },
    toJSON: () => ({ type: 'Nmt' }),
  };
}
