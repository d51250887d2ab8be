import { HeddleError } from '@heddle/core';
import type { PieceEnd } from '../parts.js';
import { type CuttingPreTokenizer, cutBy, cutting } from './cut.js';

/** Cuts into pieces of `length` characters (code points). */
export function fixedLength(length: number): CuttingPreTokenizer {
  if (!Number.isInteger(length) || length < 1) {
    throw new HeddleError(
      'invalid-argument',
      `fixedLength: length should be a whole number from 1 on, is ${length}.`,
      { argument: 'length', given: length },
    );
  }
  const pieceEnd: PieceEnd = (text, start, end) => {
    let at = start;
    for (let count = 0; count < length && at < end; count++) {
      at += (text.codePointAt(at) as number) > 0xffff && at + 1 < end ? 2 : 1;
    }
    return at;
  };
  return cutting(cutBy(pieceEnd), () => ({ type: 'FixedLength', length }), pieceEnd);
}
