import type { PieceEnd } from '../parts.js';
import { NUMBER, OTHER, SPACE } from '../unicode-classes.js';
import { contractionEnd, isLineBreak, numbersEnd, spacesEnd } from './cl100k-pattern.js';
import { runEnd } from './gpt2-pattern.js';
import { CASELESS, LOWER, letterCases, MARK, UPPER } from './letter-case.js';

const BLANK = 0x20;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;

export interface O200kOptions {
  readonly maxDigits: number;
  /** Words take 's, 'll and the like along. */
  readonly contractions: boolean;
}

/**
 * The split pattern of o200k (GPT-4o; tiktoken), and of Mistral's Tekken, which has no contractions, scanned by hand.
 * With A for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and B for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
 *
 *     [^\r\n\p{L}\p{N}]?A*B+(?i:'s|…)?|[^\r\n\p{L}\p{N}]?A+B*(?i:'s|…)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
export function o200kPattern({ maxDigits, contractions }: O200kOptions): PieceEnd {
  const classes = letterCases();
  return (text, start, end) => {
    const unit = text.charCodeAt(start);
    const point = text.codePointAt(start) as number;
    const kind = classes[point];
    if (kind === NUMBER) return numbersEnd(classes, text, start, end, maxDigits);
    const second = start + (point > 0xffff ? 2 : 1);
    const prefix = (kind < UPPER || kind === MARK) && !isLineBreak(unit) && second < end;
    const from = prefix ? second : start;
    let word = lowerEnd(classes, text, from, end);
    if (word < 0 && kind === MARK) word = lowerEnd(classes, text, start, end);
    if (word < 0) {
      word = upperEnd(classes, text, from, end);
      if (word === from) word = upperEnd(classes, text, start, end);
      if (word === start) word = -1;
    }
    if (word > 0) {
      const contracted =
        contractions && word < end && text.charCodeAt(word) === APOSTROPHE
          ? contractionEnd(text, word, end)
          : 0;
      return contracted > 0 ? contracted : word;
    }
    if (unit === BLANK && second < end) {
      const next = classes[text.codePointAt(second) as number];
      if (next === OTHER || next === MARK) return symbolsEnd(classes, text, second, end);
    }
    return kind === SPACE
      ? spacesEnd(classes, text, start, end)
      : symbolsEnd(classes, text, start, end);
  };
}

/** `A*B+`, or -1. */
function lowerEnd(classes: Uint8Array, text: string, start: number, end: number): number {
  let at = start;
  /** The end of the last character that is in A and in B. */
  let both = -1;
  while (at < end) {
    const point = text.codePointAt(at) as number;
    const kind = classes[point];
    if (kind < UPPER) break;
    if (kind === LOWER) return trailEnd(classes, text, at, end);
    at += point > 0xffff ? 2 : 1;
    if (kind !== UPPER) both = at;
  }
  return both;
}

/** `B+` after its first character. */
function trailEnd(classes: Uint8Array, text: string, at: number, end: number): number {
  at = runEnd(classes, text, at, end, LOWER);
  while (at < end) {
    const point = text.codePointAt(at) as number;
    if (classes[point] < LOWER) break;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

/** `A*`, where no lower case follows. */
function upperEnd(classes: Uint8Array, text: string, at: number, end: number): number {
  while (at < end) {
    const point = text.codePointAt(at) as number;
    const kind = classes[point];
    if (kind !== UPPER && kind !== CASELESS && kind !== MARK) break;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

/** `[^\s\p{L}\p{N}]+[\r\n/]*` */
function symbolsEnd(classes: Uint8Array, text: string, at: number, end: number): number {
  while (at < end) {
    const point = text.codePointAt(at) as number;
    const kind = classes[point];
    if (kind !== OTHER && kind !== MARK) break;
    at += point > 0xffff ? 2 : 1;
  }
  for (; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (!isLineBreak(unit) && unit !== SLASH) break;
  }
  return at;
}
