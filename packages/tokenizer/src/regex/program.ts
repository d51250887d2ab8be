import type { CodeClasses } from './code-classes.js';
import type { Anchor } from './syntax.js';

/** What instructions do; a, b and c are their operands. */

/** The end of the pattern, or of what an atomic group or a look around holds. */
export const ACCEPT = 0;
/** A character of set a. */
export const SET = 1;
/** The same, before the position, which goes back over it. */
export const SET_BACK = 2;
/** From b to c characters of set a, as many as there are: what follows takes none of them. */
export const RUN = 3;
/** On with a if the next character is of set c (-1: in any case); and with b if that does not match. */
export const SPLIT = 4;
/** On with a if the next character is of set c, otherwise with b. */
export const CHOOSE = 5;
/** The same at the head of a loop. */
export const CHOOSE_AGAIN = 12;
/** On with a. */
export const JUMP = 6;
/** On with the split at a; if that was visited here, the repetition was of nothing, and its operand b (1: a, 2: b) comes next. */
export const AGAIN = 11;
/** On with c if the part at a matches here or does not (b). */
export const LOOK = 7;
/** On if the next character is of set a or does not (b). */
export const PEEK = 8;
/** What the part at a takes, for good; on with c. */
export const ATOMIC = 9;
/** On if the position is an anchor: a is the kind, b the set of word characters. */
export const ANCHOR = 10;

/** Operand b of `LOOK` and `PEEK`: whether they ask for a match, or for none. */
export const IS = 0;
export const IS_NOT = 1;

export const ANCHORS: readonly Anchor[] = [
  'text start',
  'text end',
  'last line end',
  'line start',
  'after line break',
  'line end',
  'word edge',
  'no word edge',
];

/** A compiled pattern. */
export interface Program {
  readonly ops: Uint8Array;
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly c: Int32Array;
  /** Of each `SPLIT` and `CHOOSE_AGAIN` its number, from 0; those of looks around and atomic groups come last. */
  readonly splits: Int32Array;
  /** How many of them stand outside of looks around and atomic groups, and inside. */
  readonly mainSplits: number;
  readonly partSplits: number;
  readonly classes: CodeClasses;
  /** Set of what a match begins with; -1: it may be empty, or there is no telling. */
  readonly first: number;
  /** It looks at what is before a match. */
  readonly looksBack: boolean;
  /** A match may be empty. */
  readonly empty: boolean;
}
