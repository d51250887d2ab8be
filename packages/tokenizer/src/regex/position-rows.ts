import { HeddleError } from '@heddle/core';

/** Rows are given up in stretches of at least so many. */
const SHIFT = 4096;
/** Numbers of all rows together: 256 MB. */
const MOST = 1 << 26;

/** A row of numbers for each position of a text from some position on: 0 until they are set. */
export class PositionRows {
  data: Int32Array;
  readonly #width: number;
  #base = 0;
  /** The end of the rows that may hold something else than 0. */
  #end = 0;

  constructor(width: number) {
    this.#width = width;
    this.data = new Int32Array(width * 64);
  }

  /** Forgets everything; rows begin at `base`. */
  reset(base: number): void {
    this.data.fill(0, 0, (this.#end - this.#base) * this.#width);
    this.#base = base;
    this.#end = base;
  }

  /** Where the row of a position begins in `data`. */
  at(position: number): number {
    if (position >= this.#end) this.#grow(position + 1);
    return (position - this.#base) * this.#width;
  }

  /** Whether the row of a position may hold something else than 0. */
  has(position: number): boolean {
    return position < this.#end;
  }

  clear(position: number): void {
    if (!this.has(position)) return;
    const row = this.at(position);
    this.data.fill(0, row, row + this.#width);
  }

  /** The rows before a position are not needed any more. */
  dropBefore(position: number): void {
    if (position >= this.#end) {
      this.reset(position);
      return;
    }
    const left = this.#end - position;
    if (position - this.#base < Math.max(SHIFT, left)) return;
    const width = this.#width;
    const row = (position - this.#base) * width;
    this.data.copyWithin(0, row, row + left * width);
    this.data.fill(0, left * width, (this.#end - this.#base) * width);
    this.#base = position;
  }

  #grow(end: number): void {
    const needed = (end - this.#base) * this.#width;
    if (needed > MOST) throw tooMuch(end - this.#base);
    if (needed > this.data.length) {
      const grown = new Int32Array(Math.min(needed * 2, MOST));
      grown.set(this.data);
      this.data = grown;
    }
    this.#end = end;
  }
}

function tooMuch(positions: number): HeddleError<'tokenizer/regex-limit'> {
  return new HeddleError(
    'tokenizer/regex-limit',
    `A regular expression of this tokenizer has looked at ${positions} characters for one match and would need more than ${MOST * 4} bytes to go on. Cut the text into shorter ones.`,
    { positions },
  );
}
