import type { TextTokenizer } from '../tokenizer.js';
import type { Range } from './ranges.js';

/** As the text of a chat is encoded: the template has put all special tokens there. */
export const AS_IT_STANDS = {
  addSpecialTokens: false,
  truncation: false,
  padding: false,
} as const;

/** Finds the special tokens that would be read in a text. */
export type SpecialRanges = (text: string) => Range[];

export function specialRanges(tokenizer: TextTokenizer): SpecialRanges {
  const known = new Map<number, boolean>();
  const isSpecial = (id: number): boolean => {
    let special = known.get(id);
    if (special === undefined) {
      special =
        tokenizer.decode([id]) === '' &&
        tokenizer.decode([id], { skipSpecialTokens: false }) !== '';
      known.set(id, special);
    }
    return special;
  };
  const parsing = { ...AS_IT_STANDS, parseSpecialTokens: true };
  return (text) => {
    if (!tokenizer.encode(text, parsing).ids.some(isSpecial)) return [];
    const { ids, offsets = new Int32Array() } = tokenizer.encode(text, {
      ...parsing,
      offsets: true,
    });
    const ranges = Array.from(ids, (_, i) => [offsets[2 * i], offsets[2 * i + 1]] as const);
    return ranges.filter((_, i) => isSpecial(ids[i]));
  };
}
