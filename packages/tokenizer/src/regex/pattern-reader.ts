import { HeddleError } from '@heddle/core';
import { bad, shown } from '../json-reader.js';
import type { Dialect } from './syntax.js';

/** Each is at least one instruction, or a group around others. */
const MOST_ATOMS = 4096;

/** Reads the text of a pattern, character by character (code point by code point). */
export class PatternReader {
  readonly pattern: string;
  readonly place: string;
  readonly dialect: Dialect;
  #at = 0;
  #atoms = 0;

  constructor(pattern: string, place: string, dialect: Dialect) {
    this.pattern = pattern;
    this.place = place;
    this.dialect = dialect;
  }

  get done(): boolean {
    return this.#at === this.pattern.length;
  }

  /** The next character, '' at the end. */
  get next(): string {
    return this.done ? '' : String.fromCodePoint(this.pattern.codePointAt(this.#at) as number);
  }

  /** Counts what a pattern is made of: characters, classes, groups. */
  countAtom(): void {
    this.#atoms++;
    if (this.#atoms > MOST_ATOMS)
      throw this.unsupported(`more than ${MOST_ATOMS} characters, classes and groups`);
  }

  take(): string {
    const char = this.next;
    if (char === '') throw this.wrong('ends too early');
    this.#at += char.length;
    return char;
  }

  /** Takes `text` if it comes next. */
  takeIf(text: string): boolean {
    const comes = this.pattern.startsWith(text, this.#at);
    if (comes) this.#at += text.length;
    return comes;
  }

  /** Takes what `regex`, which is sticky, finds here. */
  match(regex: RegExp): RegExpExecArray | null {
    regex.lastIndex = this.#at;
    const found = regex.exec(this.pattern);
    if (found) this.#at = regex.lastIndex;
    return found;
  }

  wrong(reason: string): HeddleError<'tokenizer/bad-json'> {
    return bad(
      this.place,
      `the regular expression ${shown(this.pattern)} ${reason}, at ${this.#at}`,
    );
  }

  unsupported(what: string): HeddleError<'tokenizer/unsupported'> {
    return new HeddleError(
      'tokenizer/unsupported',
      `tokenizer.json, ${this.place}: ${what} is not supported in a regular expression: ${shown(this.pattern)}, before ${this.#at}.`,
      { place: this.place, given: this.pattern },
    );
  }
}
