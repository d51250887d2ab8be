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
  const done: Changes = { chars: [], changes: [] };
  const { chars, changes } = done;
  /** Where the marks at the end begin, and whether they are in order. */
  let marks = 0;
  let ordered = true;
  const add = (char: string, change: number): void => {
    const kind = combiningClass(char);
    if (kind === 0) {
      if (!ordered) orderMarks(done, marks);
      marks = chars.length + 1;
      ordered = true;
    } else if (chars.length > marks && combiningClass(chars[chars.length - 1]) > kind) {
      ordered = false;
    }
    chars.push(char);
    changes.push(change);
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
  if (!ordered) orderMarks(done, marks);
  return done;
}

/** Sorts the marks from `start` on by their classes; those of one class keep their order. */
function orderMarks({ chars, changes }: Changes, start: number): void {
  const marks = chars.splice(start).map((char, i) => ({ char, change: changes[start + i] }));
  changes.length = start;
  marks.sort((a, b) => combiningClass(a.char) - combiningClass(b.char));
  for (const { char, change } of marks) {
    chars.push(char);
    changes.push(change);
  }
}

/** Engines order so many marks in quadratic time. */
const MANY_MARKS = 64;

/** Whether very many marks follow each other somewhere. */
export function hasManyMarks(text: string): boolean {
  const classes = combiningClasses();
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) as number;
    if (point > 0xffff) at++;
    marks = classes[point] === 0 ? 0 : marks + 1;
    if (marks === MANY_MARKS) return true;
  }
  return false;
}

/** What newer versions of Unicode take apart stays whole, also where the engine knows them. */
export function isDecomposed(char: string): boolean {
  const point = char.codePointAt(0) as number;
  if (point >= 0xac00 && point < 0xd7a4) return true;
  return decomposed()[point] === 1;
}
