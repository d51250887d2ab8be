import type { PieceEnd } from '../parts.js';
import { codePointClasses, LETTER, NUMBER, OTHER, SPACE } from '../unicode-classes.js';
import { runEnd } from './gpt2-pattern.js';

const BLANK = 0x20;
const APOSTROPHE = 0x27;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * The split pattern of cl100k (tiktoken) and of the vocabularies that took it over, scanned by hand.
 * Llama 3 and OLMo 2 have numbers of up to three digits, Qwen2 of one:
 *
 *     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
export function cl100kPattern(maxDigits: 1 | 3): PieceEnd {
  const classes = codePointClasses();
  const pieceEnd = (text: string, start: number, end: number): number => {
    const unit = text.charCodeAt(start);
    if (unit === APOSTROPHE) {
      const contraction = contractionEnd(text, start, end);
      if (contraction > 0) return contraction;
    }
    const point = text.codePointAt(start) as number;
    const kind = classes[point];
    if (kind === LETTER) return runEnd(classes, text, start, end, LETTER);
    if (kind === NUMBER) return numbersEnd(classes, text, start, end, maxDigits);
    const second = start + (point > 0xffff ? 2 : 1);
    if (second < end && unit !== CARRIAGE_RETURN && unit !== LINE_FEED) {
      const secondKind = classes[text.codePointAt(second) as number];
      if (secondKind === LETTER) return runEnd(classes, text, second, end, LETTER);
      if (secondKind === OTHER && unit === BLANK) return symbolsEnd(classes, text, second, end);
    }
    return kind === OTHER
      ? symbolsEnd(classes, text, start, end)
      : spacesEnd(classes, text, start, end);
  };
  return Object.assign(pieceEnd, { pattern: { name: 'cl100k', maxDigits } as const });
}

/** `\p{N}{1,maxDigits}` */
export function numbersEnd(
  classes: Uint8Array,
  text: string,
  at: number,
  end: number,
  maxDigits: number,
): number {
  for (let count = 0; count < maxDigits && at < end; count++) {
    const point = text.codePointAt(at) as number;
    if (classes[point] !== NUMBER) break;
    at += point > 0xffff ? 2 : 1;
  }
  return at;
}

/** `[^\s\p{L}\p{N}]+[\r\n]*` */
function symbolsEnd(classes: Uint8Array, text: string, start: number, end: number): number {
  let at = runEnd(classes, text, start, end, OTHER);
  while (at < end && isLineBreak(text.charCodeAt(at))) at++;
  return at;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+` */
export function spacesEnd(classes: Uint8Array, text: string, start: number, end: number): number {
  const at = runEnd(classes, text, start, end, SPACE);
  for (let last = at - 1; last >= start; last--) {
    if (isLineBreak(text.charCodeAt(last))) return last + 1;
  }
  return at === end || at === start + 1 ? at : at - 1;
}

export function isLineBreak(unit: number): boolean {
  return unit === LINE_FEED || unit === CARRIAGE_RETURN;
}

/** The end of 's 't 'm 'd 're 've 'll in any case at `start`, or 0. */
export function contractionEnd(text: string, start: number, end: number): number {
  const next = start + 1 < end ? foldCase(text.charCodeAt(start + 1)) : 0;
  if (next === 0x73 || next === 0x74 || next === 0x6d || next === 0x64) return start + 2;
  const third = start + 2 < end ? foldCase(text.charCodeAt(start + 2)) : 0;
  if ((next === 0x72 || next === 0x76) && third === 0x65) return start + 3;
  return next === 0x6c && third === 0x6c ? start + 3 : 0;
}

/** ASCII letters in lower case; the long s (U+017F) folds to s. */
function foldCase(unit: number): number {
  if (unit >= 0x41 && unit <= 0x5a) return unit + 0x20;
  return unit === 0x17f ? 0x73 : unit;
}
