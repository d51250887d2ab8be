import type { Cut } from '../parts.js';
import { isSpace } from '../unicode/white-space.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';
import { punctuationTable } from './punctuation.js';

/**
 * Cuts at white space, which is left out, and around each punctuation character.
 *
 * Source: `tokenization.py` of google-research/bert, as Hugging Face's tokenizers have it.
 */
export function bertPreTokenizer(): CuttingPreTokenizer {
  const isPunctuation = punctuationTable();
  const cut: Cut = (text, start, end, emit) => {
    let from = start;
    for (let at = start; at < end; ) {
      const point = text.codePointAt(at) as number;
      const next = at + (point > 0xffff && at + 1 < end ? 2 : 1);
      const mark = isPunctuation[point] === 1;
      if (mark || isSpace(point)) {
        if (from < at) emit(from, at);
        if (mark) emit(at, next);
        from = next;
      }
      at = next;
    }
    if (from < end) emit(from, end);
  };
  return cutting(cut, () => ({ type: 'BertPreTokenizer' }));
}
