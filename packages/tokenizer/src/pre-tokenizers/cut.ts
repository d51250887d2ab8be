import type { Json } from '@heddle/core';
import type { Cut, PieceEnd, PreTokenizer } from '../parts.js';

/** A pre-tokenizer that cuts and changes nothing. */
export interface CuttingPreTokenizer extends PreTokenizer {
  readonly cut: Cut;
}

/** `pieceEnd` finds the same pieces one by one, where no piece depends on another. */
export function cutting(cut: Cut, toJSON: () => Json, pieceEnd?: PieceEnd): CuttingPreTokenizer {
  return {
    cut,
    split: (text, emit) =>
      cut(text.text, 0, text.length, (start, end) => emit(text.slice(start, end))),
    ...(pieceEnd && { pieceEnd }),
    toJSON,
  };
}

/** The pieces that a `PieceEnd` finds. */
export function cutBy(pieceEnd: PieceEnd): Cut {
  return (text, start, end, emit) => {
    for (let at = start; at < end; ) {
      const next = pieceEnd(text, at, end);
      emit(at, next);
      at = next;
    }
  };
}

/** All of it is one piece. */
export const whole: PieceEnd = (_, __, end) => end;
