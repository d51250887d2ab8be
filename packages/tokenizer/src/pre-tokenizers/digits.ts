import { NUMERIC_RUNS } from '../unicode/numeric-table.js';
import { lazily, unpackMembers } from '../unicode/packed-runs.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';
import { characters, cutAtDelimiters } from './delimiters.js';

const numeric = /* @__PURE__ */ lazily(() => unpackMembers(NUMERIC_RUNS));

/** Cuts before and after numbers; with `individualDigits` between their digits, too. */
export function digits(individualDigits: boolean): CuttingPreTokenizer {
  const table = numeric();
  const cut = cutAtDelimiters(
    characters((point) => table[point] === 1),
    individualDigits ? 'Isolated' : 'Contiguous',
    false,
  );
  return cutting(cut, () => ({ type: 'Digits', individual_digits: individualDigits }));
}
