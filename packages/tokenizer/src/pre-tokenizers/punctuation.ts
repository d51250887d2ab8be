import { lazily, unpackMembers } from '../unicode/packed-runs.js';
import { PUNCTUATION_RUNS } from '../unicode/punctuation-table.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';
import { characters, cutAtDelimiters, type DelimiterBehavior } from './delimiters.js';

/** 1 for punctuation, by code point: that of Unicode, and all of ASCII that is no letter, digit or space. */
export const punctuationTable: () => Uint8Array = /* @__PURE__ */ lazily(() =>
  unpackMembers(PUNCTUATION_RUNS),
);

/** Cuts at punctuation. */
export function punctuation(behavior: DelimiterBehavior = 'Isolated'): CuttingPreTokenizer {
  const isPunctuation = punctuationTable();
  const cut = cutAtDelimiters(
    characters((point) => isPunctuation[point] === 1),
    behavior,
    false,
  );
  return cutting(cut, () => ({ type: 'Punctuation', behavior }));
}
