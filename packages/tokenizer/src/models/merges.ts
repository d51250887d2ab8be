import { LongPieces } from './long-pieces.js';
import { PairTable } from './pair-table.js';

/** Up to this length the plain search for the lowest rank is fastest. */
const SHORT = 48;

/** The merges of a BPE model by rank: the pair `(left[r], right[r])` becomes `result[r]`. */
export class Merges {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly result: Int32Array;
  /** The rank of a pair of ids. */
  readonly ranks: PairTable;
  readonly #shortRanks: Int32Array = new Int32Array(SHORT);
  readonly #longPieces: LongPieces;

  /** @param merges left, right and result of each merge */
  constructor(merges: Int32Array) {
    const size = merges.length / 3;
    this.left = new Int32Array(size);
    this.right = new Int32Array(size);
    this.result = new Int32Array(size);
    this.ranks = new PairTable(size);
    for (let rank = 0; rank < size; rank++) {
      this.left[rank] = merges[rank * 3];
      this.right[rank] = merges[rank * 3 + 1];
      this.result[rank] = merges[rank * 3 + 2];
      this.ranks.add(this.left[rank], this.right[rank], rank);
    }
    this.#longPieces = new LongPieces(this);
  }

  get size(): number {
    return this.left.length;
  }

  /** The two tokens of each merge. */
  toPairs(tokens: readonly string[]): [string, string][] {
    return Array.from(this.left, (left, rank) => [tokens[left], tokens[this.right[rank]]]);
  }

  /**
   * Merges the first `length` of `ids` in place, the lowest rank first and of equal ranks the leftmost
   * (Sennrich et al. 2016), and returns how many are left; `lasts` gets the last symbol that each of them is of,
   * where `tracked` says that someone wants to know.
   */
  apply(ids: Int32Array, lasts: Int32Array, length: number, tracked: boolean): number {
    return length <= SHORT
      ? this.#applyShort(ids, lasts, length, tracked)
      : this.#longPieces.apply(ids, lasts, length);
  }

  #applyShort(ids: Int32Array, lasts: Int32Array, length: number, tracked: boolean): number {
    const ranks = this.#shortRanks;
    const table = this.ranks;
    let count = length;
    for (let i = 0; tracked && i < count; i++) lasts[i] = i;
    for (let i = 0; i + 1 < count; i++) ranks[i] = table.get(ids[i], ids[i + 1]);
    for (;;) {
      let best = -1;
      let at = 0;
      for (let i = 0; i + 1 < count; i++) {
        // As unsigned numbers, -1 (no merge) is above every rank.
        if (ranks[i] >>> 0 < best >>> 0) {
          best = ranks[i];
          at = i;
        }
      }
      if (best < 0) return count;
      ids[at] = this.result[best];
      count--;
      for (let i = at + 1; i < count; i++) {
        ids[i] = ids[i + 1];
        ranks[i] = ranks[i + 1];
      }
      for (let i = at; tracked && i < count; i++) lasts[i] = lasts[i + 1];
      if (at > 0) ranks[at - 1] = table.get(ids[at - 1], ids[at]);
      if (at + 1 < count) ranks[at] = table.get(ids[at], ids[at + 1]);
    }
  }
}
