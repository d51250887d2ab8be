import type { PieceEnd } from '../parts.js';
import { codePointClasses, SPACE } from '../unicode-classes.js';

const BLANK = 0x20;
const APOSTROPHE = 0x27;

/**
 * GPT-2's split pattern, scanned by hand:
 *
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 *
 * Source: `encoder.py` of openai/gpt-2.
 */
export function gpt2Pattern(): PieceEnd {
  const classes = codePointClasses();
  const pieceEnd = (text: string, start: number, end: number): number => {
    const unit = text.charCodeAt(start);
    let first = start;
    if (unit === BLANK) {
      first = start + 1;
      if (first === end) return end;
    } else if (unit === APOSTROPHE) {
      const contraction = contractionEnd(text, start, end);
      if (contraction > 0) return contraction;
    }
    const kind = classes[text.codePointAt(first) as number];
    if (kind !== SPACE) return runEnd(classes, text, first, end, kind);
    const at = runEnd(classes, text, start, end, SPACE);
    // \s+(?!\S) leaves the last of several spaces to the word that follows.
    return at === end || at === start + 1 ? at : at - 1;
  };
  return Object.assign(pieceEnd, { pattern: { name: 'gpt2' } as const });
}

/** The end of the run of code points of class `kind` from `at` on. */
export function runEnd(
  classes: Uint8Array,
  text: string,
  at: number,
  end: number,
  kind: number,
): number {
  while (at < end) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800) {
      if (classes[unit] !== kind) return at;
      at++;
    } else {
      const point = text.codePointAt(at) as number;
      if (classes[point] !== kind) return at;
      at += point > 0xffff ? 2 : 1;
    }
  }
  return at;
}

/** The end of 's 't 'm 'd 're 've 'll at `start`, or 0. */
function contractionEnd(text: string, start: number, end: number): number {
  if (start + 1 >= end) return 0;
  switch (text.charCodeAt(start + 1)) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return start + 2;
    case 0x72: // re
    case 0x76: // ve
      return start + 2 < end && text.charCodeAt(start + 2) === 0x65 ? start + 3 : 0;
    case 0x6c: // ll
      return start + 2 < end && text.charCodeAt(start + 2) === 0x6c ? start + 3 : 0;
    default:
      return 0;
  }
}
