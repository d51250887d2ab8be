import { PieceTable } from '../models/piece-table.js';

/** Longer pieces are cut, at a character's border: it bounds the length of tokens where a text has no spaces. */
export const LONGEST_PIECE: number = 1 << 14;

/** The different pieces of a corpus and how often each came. Memory grows with the different ones only. */
export class PieceCounts {
  readonly #table = new PieceTable(1 << 14);
  #counts = new Float64Array(1 << 14);

  /** Number of different pieces. */
  get size(): number {
    return this.#table.size;
  }

  /** Counts the piece `text[start, end)`. */
  add(text: string, start: number, end: number, times = 1): void {
    let at = start;
    while (end - at > LONGEST_PIECE) {
      const unit = text.charCodeAt(at + LONGEST_PIECE - 1);
      const cut = at + LONGEST_PIECE - ((unit & 0xfc00) === 0xd800 ? 1 : 0);
      this.#count(text, at, cut, times);
      at = cut;
    }
    this.#count(text, at, end, times);
  }

  /** The piece of a number below `size`; they are numbered in the order of their arrival. */
  textOf(piece: number): string {
    return this.#table.textOf(piece);
  }

  /** How often a piece came. */
  countOf(piece: number): number {
    return this.#counts[piece];
  }

  #count(text: string, start: number, end: number, times: number): void {
    const piece = this.#table.intern(text, start, end);
    if (piece === this.#counts.length) {
      const grown = new Float64Array(piece * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[piece] += times;
  }
}
