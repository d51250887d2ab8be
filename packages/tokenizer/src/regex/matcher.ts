import type { MatchFinder } from './match-finder.js';
import { Memo } from './memo.js';
import { PartMemo } from './part-memo.js';
import {
  ACCEPT,
  AGAIN,
  ANCHOR,
  ANCHORS,
  ATOMIC,
  CHOOSE,
  CHOOSE_AGAIN,
  IS,
  JUMP,
  LOOK,
  PEEK,
  type Program,
  RUN,
  SET,
  SET_BACK,
  SPLIT,
} from './program.js';

/** What a look finds at the end of the text. */
const NO_CLASS = -1;

/**
 * Finds matches of a program in a text by backtracking, the first alternative first, with a memo that makes
 * its time linear in the text.
 */
export class Matcher implements MatchFinder {
  readonly #program: Program;
  readonly #memo: Memo;
  readonly #parts: PartMemo;
  #text = '';
  #from = 0;
  #to = 0;
  /** Where else to go on: instruction, position, length of the trail. */
  #stack = new Int32Array(96);
  #depth = 0;
  /** Of each `RUN` the last run that it found. */
  readonly #runStart: Int32Array;
  readonly #runEnd: Int32Array;

  constructor(program: Program) {
    this.#program = program;
    this.#memo = new Memo(program.mainSplits);
    this.#parts = new PartMemo(program.mainSplits, program.partSplits);
    this.#runStart = new Int32Array(program.ops.length);
    this.#runEnd = new Int32Array(program.ops.length);
  }

  /** Begins with a text, or `text[from, to)` as if it were all. */
  begin(text: string, from: number, to: number): void {
    this.#text = text;
    this.#from = from;
    this.#to = to;
    this.#memo.reset(from);
    this.#parts.reset(from);
    this.#runStart.fill(-1);
    this.#runEnd.fill(-1);
  }

  /** Tells that the next search begins where a match ended. */
  matched(end: number): void {
    this.#memo.matched(end);
  }

  /** The end of the match that begins at `start`, or -1. */
  matchAt(start: number): number {
    if (!this.#canBegin(start)) return -1;
    this.#memo.startAt(start);
    // What looks back comes to positions before the start once more.
    if (!this.#program.looksBack) this.#parts.startAt(start);
    return this.#run(0, start, false);
  }

  /** Whether a match can begin with the character at `at`. */
  #canBegin(at: number): boolean {
    const { first, classes } = this.#program;
    if (first < 0) return true;
    const kind = this.#classAt(at);
    return kind !== NO_CLASS && classes.members[first * classes.count + kind] === 1;
  }

  #run(start: number, position: number, part: boolean): number {
    const { ops, a, b, c, splits } = this.#program;
    const bottom = this.#depth;
    let pc = start;
    let at = position;
    for (;;) {
      let ok = true;
      switch (ops[pc]) {
        case ACCEPT:
          this.#depth = bottom;
          return at;
        case SET:
          ok = this.#isIn(a[pc], at);
          if (ok) at += this.#lengthAt(at);
          pc++;
          break;
        case SET_BACK: {
          const before = this.#before(at);
          ok = before >= this.#from && this.#isIn(a[pc], before);
          at = before;
          pc++;
          break;
        }
        case RUN:
          at = this.#runFrom(pc, at);
          ok = at >= 0;
          pc++;
          break;
        case SPLIT:
        case CHOOSE_AGAIN:
          if (c[pc] >= 0 && !this.#isIn(c[pc], at)) {
            pc = b[pc];
            break;
          }
          if (part) {
            const known = this.#parts.visit(splits[pc], at);
            if (known >= 0) {
              this.#depth = bottom;
              return known;
            }
            ok = known !== PartMemo.FAILED;
          } else ok = !this.#memo.visit(splits[pc], at);
          if (ok) {
            if (ops[pc] === SPLIT) this.#push(b[pc], at);
            pc = a[pc];
          }
          break;
        case CHOOSE:
          pc = this.#isIn(c[pc], at) ? a[pc] : b[pc];
          break;
        case JUMP:
          pc = a[pc];
          break;
        case AGAIN: {
          const split = a[pc];
          const memo = part ? this.#parts : this.#memo;
          if (!memo.visited(splits[split], at)) pc = split;
          else pc = b[pc] === 1 ? a[split] : b[split];
          break;
        }
        case PEEK:
          ok = this.#isIn(a[pc], at) === (b[pc] === IS);
          pc++;
          break;
        case LOOK:
          ok = this.#part(a[pc], at) >= 0 === (b[pc] === IS);
          pc = c[pc];
          break;
        case ATOMIC:
          at = this.#part(a[pc], at);
          ok = at >= 0;
          pc = c[pc];
          break;
        case ANCHOR:
          ok = this.#isAnchor(a[pc], b[pc], at);
          pc++;
          break;
      }
      if (ok) continue;
      if (this.#depth === bottom) return -1;
      this.#depth -= 3;
      pc = this.#stack[this.#depth];
      at = this.#stack[this.#depth + 1];
      if (part) this.#parts.backTo(this.#stack[this.#depth + 2]);
    }
  }

  #part(start: number, position: number): number {
    const trail = this.#parts.trail;
    const end = this.#run(start, position, true);
    this.#parts.found(trail, end);
    return end;
  }

  #push(pc: number, at: number): void {
    if (this.#depth === this.#stack.length) {
      const grown = new Int32Array(this.#stack.length * 2);
      grown.set(this.#stack);
      this.#stack = grown;
    }
    this.#stack[this.#depth++] = pc;
    this.#stack[this.#depth++] = at;
    this.#stack[this.#depth++] = this.#parts.trail;
  }

  /** The end of a `RUN` from `at` on, or -1 if it is too short. */
  #runFrom(pc: number, at: number): number {
    const { a, b, c, classes } = this.#program;
    const most = c[pc];
    const row = a[pc] * classes.count;
    let end = at;
    if (most !== 0x7fffffff || b[pc] > 1) {
      let count = 0;
      while (count < most && this.#isIn(a[pc], end)) {
        end += this.#lengthAt(end);
        count++;
      }
      return count < b[pc] ? -1 : end;
    }
    const knownStart = this.#runStart[pc];
    const knownEnd = this.#runEnd[pc];
    if (at > knownStart && at < knownEnd) return knownEnd;
    const { members, table } = classes;
    const text = this.#text;
    const to = this.#to;
    while (end < to && end !== knownStart) {
      const unit = text.charCodeAt(end);
      if ((unit & 0xf800) !== 0xd800) {
        if (members[row + table[unit]] === 0) break;
        end++;
      } else {
        if (!this.#isIn(a[pc], end)) break;
        end += this.#lengthAt(end);
      }
    }
    if (end === knownStart && end < knownEnd) end = knownEnd;
    if (end === at) return b[pc] === 0 ? at : -1;
    this.#runStart[pc] = at;
    this.#runEnd[pc] = end;
    return end;
  }

  #isIn(set: number, at: number): boolean {
    const kind = this.#classAt(at);
    if (kind === NO_CLASS) return false;
    const { members, count } = this.#program.classes;
    return members[set * count + kind] === 1;
  }

  #classAt(at: number): number {
    if (at >= this.#to) return NO_CLASS;
    const { classes } = this.#program;
    const unit = this.#text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800 || this.#lengthAt(at) === 1) return classes.table[unit];
    return classes.of(this.#text.codePointAt(at) as number);
  }

  /** 2 for the two halves of a character above U+FFFF. */
  #lengthAt(at: number): number {
    if ((this.#text.charCodeAt(at) & 0xfc00) !== 0xd800 || at + 1 >= this.#to) return 1;
    return (this.#text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
  }

  /** Where the character before `at` begins; before the text if there is none. */
  #before(at: number): number {
    return at - 2 >= this.#from && this.#lengthAt(at - 2) === 2 ? at - 2 : at - 1;
  }

  #isAnchor(kind: number, set: number, at: number): boolean {
    const isBefore = (): boolean => at > this.#from && this.#isIn(set, this.#before(at));
    switch (ANCHORS[kind]) {
      case 'text start':
        return at === this.#from;
      case 'text end':
        return at === this.#to;
      case 'last line end':
        return at === this.#to || (at + 1 === this.#to && this.#isIn(set, at));
      case 'line start':
        return at === this.#from || (at < this.#to && isBefore());
      case 'after line break':
        return at === this.#from || isBefore();
      case 'line end':
        return at === this.#to || this.#isIn(set, at);
      case 'word edge':
        return isBefore() !== this.#isIn(set, at);
      case 'no word edge':
        return isBefore() === this.#isIn(set, at);
    }
  }
}
