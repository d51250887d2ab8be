import type { Decoder } from '../parts.js';
import type { Pattern } from '../regex/read.js';

/** Puts `content` in the place of every match, in every token by itself. */
export function replaceDecoder(pattern: Pattern, content: string): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token) => {
        let text = '';
        let at = 0;
        for (const [start, end] of pattern.find(token)) {
          text += token.slice(at, start) + content;
          at = end;
        }
        return text + token.slice(at);
      }),
    toJSON: () => ({ type: 'Replace', pattern: pattern.json, content }),
  };
}
