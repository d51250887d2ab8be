import type { Decoder } from '../parts.js';

/** Takes up to `start` characters `content` from the beginning of every token, and up to `stop` from its end. */
export function stripDecoder(content: string, start: number, stop: number): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token) => {
        const chars = [...token];
        let from = 0;
        while (from < start && chars[from] === content) from++;
        let to = chars.length;
        while (chars.length - to < stop && to > from && chars[to - 1] === content) to--;
        return chars.slice(from, to).join('');
      }),
    toJSON: () => ({ type: 'Strip', content, start, stop }),
  };
}
