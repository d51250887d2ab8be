import type { Cut } from '../parts.js';
import { isSpace } from '../unicode/white-space.js';
import { wordCharacters } from '../unicode/word-characters.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';

const SPACE = 2;

/** Cuts into words and what is between them, without white space: `\w+|[^\w\s]+` as Rust reads it. */
export function whitespace(): CuttingPreTokenizer {
  const isWord = wordCharacters();
  const cut: Cut = (text, start, end, emit) => {
    let from = start;
    let kind = SPACE;
    for (let at = start; at < end; ) {
      const point = text.codePointAt(at) as number;
      const next = isSpace(point) ? SPACE : isWord[point];
      if (next !== kind) {
        if (kind !== SPACE) emit(from, at);
        from = at;
        kind = next;
      }
      at += point > 0xffff && at + 1 < end ? 2 : 1;
    }
    if (kind !== SPACE) emit(from, end);
  };
  return cutting(cut, () => ({ type: 'Whitespace' }));
}
