import type { Json } from '@heddle/core';
import { alphabetBytes } from './byte-alphabet.js';
import { cl100kPattern } from './cl100k-pattern.js';
import { gpt2Pattern } from './gpt2-pattern.js';
import type { Decoder, PostProcessor, PreTokenizer } from './parts.js';

/** The byte-level parts of `tokenizer.json`. */

/** GPT-2's split pattern, then bytes. */
export function byteLevelPreTokenizer(addPrefixSpace: boolean): PreTokenizer {
  return {
    pieceEnd: gpt2Pattern(),
    addPrefixSpace,
    toJSON: () => byteLevelJson({ add_prefix_space: addPrefixSpace }),
  };
}

/** The patterns of `Split` that there are scanners for. */
const SPLIT_PATTERNS: ReadonlyMap<string, number> = new Map([
  [cl100kRegex('\\p{N}{1,3}'), 3],
  [cl100kRegex('\\p{N}'), 1],
]);

function cl100kRegex(numbers: string): string {
  return `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

/** `Split` by a pattern of the cl100k family, then bytes; undefined for any other pattern. */
export function splitPreTokenizer(regex: string): PreTokenizer | undefined {
  const maxDigits = SPLIT_PATTERNS.get(regex);
  if (maxDigits === undefined) return undefined;
  return {
    pieceEnd: cl100kPattern(maxDigits),
    addPrefixSpace: false,
    toJSON: () => ({
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
        byteLevelJson({ add_prefix_space: false, use_regex: false }),
      ],
    }),
  };
}

/** Tokens back to the bytes that their characters stand for. */
export function byteLevelDecoder(): Decoder {
  const utf8 = new TextEncoder();
  return {
    bytesOf: (token) => alphabetBytes(token) ?? utf8.encode(token),
    toJSON: () => byteLevelJson({}),
  };
}

/** Leaves the spaces at both ends of a token out of its offsets, if `trimOffsets`. */
export function byteLevelPostProcessor(
  trimOffsets: boolean,
  addPrefixSpace: boolean,
): PostProcessor {
  return {
    adjustOffsets: (ids, offsets, tokenOf) => {
      if (!trimOffsets) return;
      for (let i = 0; i < ids.length; i++) {
        const token = tokenOf(ids[i]);
        let leading = token.length - token.replace(/^[Ġ\p{White_Space}]+/u, '').length;
        const trailing = token.length - token.replace(/[Ġ\p{White_Space}]+$/u, '').length;
        const start = offsets[2 * i];
        const end = offsets[2 * i + 1];
        // A single space before the first token is the one that was put there, and not in the text.
        if (leading === 1 && addPrefixSpace && (i === 0 || start === 0)) leading = 0;
        offsets[2 * i] = Math.min(start + leading, end);
        const kept = trailing === token.length ? 0 : end - trailing;
        offsets[2 * i + 1] = Math.max(kept, offsets[2 * i]);
      }
    },
    toJSON: () => byteLevelJson({ add_prefix_space: addPrefixSpace, trim_offsets: trimOffsets }),
  };
}

function byteLevelJson(settings: { [name: string]: boolean }): Json {
  return {
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
    ...settings,
  };
}
