import { type CuttingPreTokenizer, cutting } from './cut.js';
import { characters, cutAtDelimiters } from './delimiters.js';

/** Cuts at one character, which is left out. */
export function charDelimiterSplit(delimiter: string): CuttingPreTokenizer {
  const wanted = delimiter.codePointAt(0);
  const cut = cutAtDelimiters(
    characters((point) => point === wanted),
    'Removed',
    false,
  );
  return cutting(cut, () => ({ type: 'CharDelimiterSplit', delimiter }));
}
