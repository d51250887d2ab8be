import { COMBINING_CLASS_RUNS, DECOMPOSED_RUNS } from '../unicode/decomposition-table.js';
import { lazily, unpackKinds, unpackMembers } from '../unicode/packed-runs.js';
import type { Changes } from './changes.js';

const combiningClasses = /* @__PURE__ */ lazily(() => unpackKinds(COMBINING_CLASS_RUNS));
const decomposed = /* @__PURE__ */ lazily(() => unpackMembers(DECOMPOSED_RUNS));

/** The canonical combining class of a character: 0 for those that others combine with. */
export function combiningClass(char: string): number {
  return combiningClasses()[char.codePointAt(0) as number];
}

/** Takes characters apart, and puts the marks after each in the order of their classes. */
export function decompose(text: string, compatibility: boolean): Changes {
  const form = compatibility ? 'NFKD' : 'NFD';
  const chars: string[] = [];
  const changes: number[] = [];
  /** Where the marks at the end begin. */
  let marks = 0;
  const add = (char: string, change: number): void => {
    const kind = combiningClass(char);
    let at = chars.length;
    if (kind === 0) marks = at + 1;
    else while (at > marks && combiningClass(chars[at - 1]) > kind) at--;
    chars.splice(at, 0, char);
    changes.splice(at, 0, change);
  };
  for (const char of text) {
    if (!isDecomposed(char)) add(char, 0);
    else {
      let first = true;
      for (const part of char.normalize(form)) {
        add(part, first ? 0 : 1);
        first = false;
      }
    }
  }
  return { chars, changes };
}

/** What newer versions of Unicode take apart stays whole, also where the engine knows them. */
export function isDecomposed(char: string): boolean {
  const point = char.codePointAt(0) as number;
  if (point >= 0xac00 && point < 0xd7a4) return true;
  return decomposed()[point] === 1;
}
