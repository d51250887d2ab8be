import { isSpace } from '../unicode/white-space.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';
import { characters, cutAtDelimiters } from './delimiters.js';

/** Cuts at white space, which is left out. */
export function whitespaceSplit(): CuttingPreTokenizer {
  const cut = cutAtDelimiters(characters(isSpace), 'Removed', false);
  return cutting(cut, () => ({ type: 'WhitespaceSplit' }));
}
