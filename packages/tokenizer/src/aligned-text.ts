import { bad } from './json-reader.js';

/** So many times as long as the original may a text become, and so long in any case. */
const MOST_GROWTH = 100;
const MOST_ANYWAY = 1 << 16;

/**
 * A text on its way from the caller to the model, with the stretch of the original that each of its UTF-16
 * units stands for. Normalizers make new ones with a `TextEditor`; pieces are slices.
 */
export class AlignedText {
  readonly text: string;
  /** Where the first unit after the lead lies: in the original while every unit stands for itself, else in `#ranges`. */
  readonly #shift: number;
  /** Two numbers a unit, the stretch [start, end) of the original; slices share them. */
  readonly #ranges: Int32Array | undefined;
  /** So many units before it stand for the first character, too. */
  readonly #lead: number;

  private constructor(text: string, shift: number, ranges: Int32Array | undefined, lead = 0) {
    this.text = text;
    this.#shift = shift;
    this.#ranges = ranges;
    this.#lead = lead;
  }

  /** The stretch `original[start, end)`, unchanged. */
  static of(original: string, start = 0, end: number = original.length): AlignedText {
    return new AlignedText(original.slice(start, end), start, undefined);
  }

  /** A text whose unit i stands for [ranges[2 i], ranges[2 i + 1]) of the original. */
  static changed(text: string, ranges: Int32Array): AlignedText {
    return new AlignedText(text, 0, ranges);
  }

  get length(): number {
    return this.text.length;
  }

  slice(start: number, end: number): AlignedText {
    if (start === 0 && end === this.length) return this;
    const lead = this.#lead;
    return new AlignedText(
      this.text.slice(start, end),
      this.#shift + Math.max(0, start - lead),
      this.#ranges,
      Math.max(0, lead - start),
    );
  }

  /** With `prefix` before it, which stands for the first character. The text is not empty. */
  prefixed(prefix: string): AlignedText {
    const lead = this.#lead + prefix.length;
    return new AlignedText(prefix + this.text, this.#shift, this.#ranges, lead);
  }

  /** Another text of as many units, each of which stands for what the unit in its place stood for. */
  withText(text: string): AlignedText {
    if (text === this.text) return this;
    if (this.#ranges) return new AlignedText(text, this.#shift, this.#ranges, this.#lead);
    const ranges = new Int32Array(2 * text.length);
    this.copyRanges(0, text.length, ranges, 0);
    return new AlignedText(text, 0, ranges);
  }

  /** Writes the stretches of units `[start, end)` to `out`, two numbers a unit, from unit `at` on. */
  copyRanges(start: number, end: number, out: Int32Array, at: number): void {
    for (let unit = start, to = 2 * at; unit < end; unit++, to += 2) {
      out[to] = this.startOf(unit);
      out[to + 1] = this.endOf(unit);
    }
  }

  /** Where the character at a unit begins in the original. Both halves of a surrogate pair stand for all of it. */
  startOf(unit: number): number {
    const from = Math.max(0, unit - this.#lead);
    if (this.#ranges) return this.#ranges[2 * (this.#shift + from)];
    return this.#shift + from - (isSecondHalf(this.text, this.#lead + from) ? 1 : 0);
  }

  /** Where the character at a unit ends in the original. */
  endOf(unit: number): number {
    const from = Math.max(0, unit - this.#lead);
    if (this.#ranges) return this.#ranges[2 * (this.#shift + from) + 1];
    return this.#shift + from + (isSecondHalf(this.text, this.#lead + from + 1) ? 2 : 1);
  }
}

/** Whether the unit is the second half of a surrogate pair. */
function isSecondHalf(text: string, at: number): boolean {
  if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) return false;
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/**
 * Makes a changed text out of a source, from its beginning to its end, character by character (code point by
 * code point). What takes the place of a character stands for what that character stood for; what is inserted stands for
 * what the character before it, kept or left out, stood for: as in `NormalizedString` of Hugging Face's tokenizers.
 */
export class TextEditor {
  readonly #source: AlignedText;
  /** Unit of the next source character. */
  #at = 0;
  #text = '';
  /** Undefined while nothing has changed: the new text is the source so far. */
  #ranges: Int32Array | undefined;
  #length = 0;

  constructor(source: AlignedText) {
    this.#source = source;
  }

  /** Unit of the next source character. */
  get at(): number {
    return this.#at;
  }

  /** The next source character, undefined at the end. */
  get next(): string | undefined {
    const point = this.#source.text.codePointAt(this.#at);
    return point === undefined ? undefined : String.fromCodePoint(point);
  }

  /** Keeps the characters up to unit `end` of the source. */
  keepTo(end: number): void {
    if (end <= this.#at) return;
    if (this.#ranges) this.#keep(this.#at, end);
    this.#at = end;
  }

  /** Puts `text` in the place of the next source character. */
  replace(text: string): void {
    this.#addAll(text, this.#source.startOf(this.#at), this.#source.endOf(this.#at));
    this.#advance();
  }

  /** Puts `text` after what was taken from the source so far. */
  insert(text: string): void {
    const before = this.#at - 1;
    if (before < 0) {
      const start = this.#source.length > 0 ? this.#source.startOf(0) : 0;
      this.#addAll(text, start, start);
    } else this.#addAll(text, this.#source.startOf(before), this.#source.endOf(before));
  }

  /** Leaves the next source character out. */
  skip(): void {
    this.#begin();
    this.#advance();
  }

  /** The new text; what is left of the source is kept. */
  done(): AlignedText {
    if (this.#ranges === undefined) return this.#source;
    this.keepTo(this.#source.length);
    return AlignedText.changed(this.#text, this.#ranges.subarray(0, 2 * this.#length));
  }

  /** The first change: what was kept so far becomes the beginning of the new text. */
  #begin(): Int32Array {
    if (this.#ranges) return this.#ranges;
    this.#ranges = new Int32Array(2 * this.#source.length + 16);
    this.#keep(0, this.#at);
    return this.#ranges;
  }

  #keep(start: number, end: number): void {
    const ranges = this.#makeRoom(end - start);
    this.#source.copyRanges(start, end, ranges, this.#length);
    this.#text += this.#source.text.slice(start, end);
    this.#length += end - start;
  }

  #advance(): void {
    this.#at += (this.#source.text.codePointAt(this.#at) as number) > 0xffff ? 2 : 1;
  }

  #addAll(text: string, start: number, end: number): void {
    const ranges = this.#makeRoom(text.length);
    for (let i = 0; i < text.length; i++) {
      ranges[2 * this.#length] = start;
      ranges[2 * this.#length + 1] = end;
      this.#length++;
    }
    this.#text += text;
  }

  #checkGrowth(units: number): void {
    const { length } = this.#source;
    const original = length === 0 ? 0 : this.#source.endOf(length - 1);
    if (units <= MOST_GROWTH * original + MOST_ANYWAY) return;
    throw bad('normalizer', `makes more than ${MOST_GROWTH} times as much of a text`);
  }

  #makeRoom(units: number): Int32Array {
    const ranges = this.#begin();
    const needed = 2 * (this.#length + units);
    if (needed <= ranges.length) return ranges;
    this.#checkGrowth(needed / 2);
    const grown = new Int32Array(Math.max(needed, ranges.length * 2));
    grown.set(ranges);
    this.#ranges = grown;
    return grown;
  }
}
