import type { Normalizer } from '../parts.js';
import { MARK_RUNS } from '../unicode/mark-table.js';
import { lazily, unpackMembers } from '../unicode/packed-runs.js';
import { isAscii } from './changes.js';
import { eachCharacter } from './each-character.js';

const marks = /* @__PURE__ */ lazily(() => unpackMembers(MARK_RUNS));

/** Takes combining marks away; accented letters keep theirs unless NFD or NFKD comes before. */
export function stripAccents(): Normalizer {
  return {
    normalize(text) {
      if (isAscii(text.text)) return text;
      const isMark = marks();
      return eachCharacter(text, (point) => (isMark[point] ? '' : undefined));
    },
    toJSON: () => ({ type: 'StripAccents' }),
  };
}
