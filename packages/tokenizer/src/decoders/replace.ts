import { bad } from '../json-reader.js';
import type { Decoder } from '../parts.js';
import type { Pattern } from '../regex/read.js';

/** Replacements of replacements grow without end: what is longer may not grow. */
const MOST_UNITS = 1 << 25;

/** Puts `content` in the place of every match, in every token by itself. */
export function replaceDecoder(pattern: Pattern, content: string): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token) => {
        let text = '';
        let at = 0;
        pattern.matches(token, 0, token.length, (start, end) => {
          text += token.slice(at, start) + content;
          at = end;
          if (text.length > MOST_UNITS && text.length > token.length) {
            throw bad('decoder', `makes a token of more than ${MOST_UNITS} characters`);
          }
        });
        return text + token.slice(at);
      }),
    toJSON: () => ({ type: 'Replace', pattern: pattern.json, content }),
  };
}
