/** Rows before the start of a search are given up in stretches of at least so many. */
const SHIFT = 4096;

/**
 * Where a search has been: at which splits of the program, at which positions. A second visit fails as the
 * first one did, or would, so no search takes longer than text times pattern.
 */
export class Memo {
  readonly #width: number;
  /** Bits of the splits, a row each position from `#base` on. */
  #bits: Int32Array;
  #base = 0;
  /** The end of the rows that may hold bits. */
  #end = 0;

  constructor(splits: number) {
    this.#width = Math.max(1, (splits + 31) >> 5);
    this.#bits = new Int32Array(this.#width * 64);
  }

  /** Forgets everything; a search begins at `base`. */
  reset(base: number): void {
    this.#bits.fill(0, 0, (this.#end - this.#base) * this.#width);
    this.#base = base;
    this.#end = base;
  }

  /** A match ends at `position`, where the next search begins: what that match passed there is no failure. */
  matched(position: number): void {
    if (position >= this.#end) {
      this.reset(position);
      return;
    }
    const width = this.#width;
    const row = (position - this.#base) * width;
    this.#bits.fill(0, row, row + width);
    const left = this.#end - position;
    if (position - this.#base < Math.max(SHIFT, left)) return;
    this.#bits.copyWithin(0, row, row + left * width);
    this.#bits.fill(0, left * width, (this.#end - this.#base) * width);
    this.#base = position;
  }

  /** Marks a split at a position; true if it was marked before. */
  visit(split: number, position: number): boolean {
    if (position >= this.#end) this.#grow(position + 1);
    const at = (position - this.#base) * this.#width + (split >> 5);
    const bit = 1 << (split & 31);
    const bits = this.#bits[at];
    this.#bits[at] = bits | bit;
    return (bits & bit) !== 0;
  }

  /** Whether a split is marked at a position. */
  visited(split: number, position: number): boolean {
    if (position >= this.#end) return false;
    const at = (position - this.#base) * this.#width + (split >> 5);
    return (this.#bits[at] & (1 << (split & 31))) !== 0;
  }

  #grow(end: number): void {
    const needed = (end - this.#base) * this.#width;
    if (needed > this.#bits.length) {
      const grown = new Int32Array(needed * 2);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#end = end;
  }
}
