import type { Json } from '@heddle/core';
import type { Decoder } from '../parts.js';

/** A string to look for, or a function that gives the stretches [start, end) of a text to be replaced. */
export interface ReplacePattern {
  readonly json: Json;
  find(text: string): readonly (readonly [number, number])[];
}

/** Puts `content` in the place of every match, in every token by itself. */
export function replaceDecoder(pattern: ReplacePattern, content: string): Decoder {
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
