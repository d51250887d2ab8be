import { CATEGORY_RUNS } from '../unicode/category-table.js';
import { lazily, unpackKinds } from '../unicode/packed-runs.js';
import { isSpace } from '../unicode/white-space.js';
import { NUMBER, OTHER, SPACE } from '../unicode-classes.js';

/** `\p{Lu}\p{Lt}`, beside `OTHER`, `NUMBER` and `SPACE` */
export const UPPER = 4;
/** `\p{Ll}` */
export const LOWER = 5;
/** `\p{Lm}\p{Lo}` */
export const CASELESS = 6;
/** `\p{M}` */
export const MARK = 7;

/** The class of each general category, in the order of the table: Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No, and others. */
const CLASSES = [
  OTHER,
  UPPER,
  LOWER,
  UPPER,
  CASELESS,
  CASELESS,
  MARK,
  MARK,
  MARK,
  NUMBER,
  NUMBER,
  NUMBER,
];

/** What split patterns with upper and lower case tell apart, by code point. */
export const letterCases: () => Uint8Array = /* @__PURE__ */ lazily(() => {
  const table = unpackKinds(CATEGORY_RUNS);
  for (let point = 0; point < table.length; point++) table[point] = CLASSES[table[point]] ?? OTHER;
  for (let point = 0; point <= 0x3000; point++) if (isSpace(point)) table[point] = SPACE;
  return table;
});
