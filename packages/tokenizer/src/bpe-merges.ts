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

  /**
   * @param merges left, right and result of each merge
   * @param tokenLengths bytes of each token by id; of tokens that no merge makes, anything
   */
  constructor(merges: Int32Array, tokenLengths: Int32Array) {
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
    this.#longPieces = new LongPieces(this, tokenLengths);
  }

  get size(): number {
    return this.left.length;
  }

  /** `"left right"` for each merge. */
  toStrings(tokens: readonly string[]): string[] {
    return Array.from(this.left, (left, rank) => `${tokens[left]} ${tokens[this.right[rank]]}`);
  }

  /**
   * Merges the first `length` of `ids` in place, the lowest rank first and of equal ranks the leftmost
   * (Sennrich et al. 2016), and returns how many are left.
   */
  apply(ids: Int32Array, length: number): number {
    if (length < 2) return length;
    return length <= SHORT ? this.#applyShort(ids, length) : this.#longPieces.apply(ids, length);
  }

  #applyShort(ids: Int32Array, length: number): number {
    const ranks = this.#shortRanks;
    const table = this.ranks;
    let count = length;
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
      if (at > 0) ranks[at - 1] = table.get(ids[at - 1], ids[at]);
      if (at + 1 < count) ranks[at] = table.get(ids[at], ids[at + 1]);
    }
  }
}

/** Above this length the scratch of a piece is given back at once. */
const KEPT_SCRATCH = 1 << 16;

/**
 * Merging in near-linear time, for pieces like a megabyte of one letter: the places where a merge
 * may happen wait in one queue per rank, and a heap holds the ranks that have a queue.
 */
class LongPieces {
  readonly #merges: Merges;
  readonly #tokenLengths: Int32Array;
  /** By rank: first and last waiting entry (-1: none), and whether the places ascend. */
  #first: Int32Array = new Int32Array(0);
  #last: Int32Array = new Int32Array(0);
  #unsorted: Uint8Array = new Uint8Array(0);
  /** By entry: the place, and the entry after it. Free entries are chained from `#free`. */
  #place: Int32Array = new Int32Array(0);
  #after: Int32Array = new Int32Array(0);
  #free = -1;
  #entries = 0;
  /** By last byte of a token: its first byte. */
  #start: Int32Array = new Int32Array(0);
  readonly #heap = new RankHeap();

  constructor(merges: Merges, tokenLengths: Int32Array) {
    this.#merges = merges;
    this.#tokenLengths = tokenLengths;
  }

  /** A token lies at its first byte in `ids`; the bytes behind it are not looked at any more. */
  apply(ids: Int32Array, length: number): number {
    this.#prepare(length);
    const { ranks } = this.#merges;
    for (let i = 0; i < length; i++) this.#start[i] = i;
    for (let i = 0; i + 1 < length; i++) this.#wait(ranks.get(ids[i], ids[i + 1]), i);
    for (let rank = this.#heap.pop(); rank >= 0; rank = this.#heap.pop()) {
      this.#mergeRank(ids, length, rank);
    }
    let count = 0;
    for (let at = 0; at < length; ) {
      const id = ids[at];
      ids[count++] = id;
      at += this.#tokenLengths[id];
    }
    if (length > KEPT_SCRATCH) this.#release();
    return count;
  }

  #prepare(length: number): void {
    if (this.#first.length === 0) {
      this.#first = new Int32Array(this.#merges.size).fill(-1);
      this.#last = new Int32Array(this.#merges.size).fill(-1);
      this.#unsorted = new Uint8Array(this.#merges.size);
    }
    if (this.#start.length < length) this.#start = new Int32Array(length);
    this.#free = -1;
    this.#entries = 0;
  }

  #release(): void {
    this.#start = new Int32Array(0);
    this.#place = new Int32Array(0);
    this.#after = new Int32Array(0);
  }

  /** Puts the place of a pair into the queue of its rank (-1: no merge). */
  #wait(rank: number, place: number): void {
    if (rank < 0) return;
    let entry = this.#free;
    if (entry >= 0) {
      this.#free = this.#after[entry];
    } else {
      entry = this.#entries++;
      if (entry >= this.#place.length) this.#growEntries();
    }
    this.#place[entry] = place;
    this.#after[entry] = -1;
    const last = this.#last[rank];
    if (last < 0) {
      this.#first[rank] = entry;
      this.#unsorted[rank] = 0;
      this.#heap.push(rank);
    } else {
      this.#after[last] = entry;
      if (this.#place[last] > place) this.#unsorted[rank] = 1;
    }
    this.#last[rank] = entry;
  }

  #growEntries(): void {
    const capacity = Math.max(256, this.#start.length, this.#place.length * 2);
    const place = new Int32Array(capacity);
    place.set(this.#place);
    this.#place = place;
    const after = new Int32Array(capacity);
    after.set(this.#after);
    this.#after = after;
  }

  /** Merges the places that wait for `rank`, until none is left or a lower rank turns up. */
  #mergeRank(ids: Int32Array, length: number, rank: number): void {
    const { left, right, result, ranks } = this.#merges;
    const a = left[rank];
    const b = right[rank];
    const merged = result[rank];
    const leftLength = this.#tokenLengths[a];
    const mergedLength = this.#tokenLengths[merged];
    const start = this.#start;
    if (this.#unsorted[rank]) this.#sort(rank);
    while (this.#first[rank] >= 0) {
      const at = this.#dequeue(rank);
      const middle = at + leftLength;
      const after = at + mergedLength;
      // A place may have been merged otherwise since it came into the queue.
      if (after > length || ids[at] !== a || ids[middle] !== b) continue;
      ids[at] = merged;
      ids[middle] = -1;
      start[after - 1] = at;
      let lowest = rank;
      if (at > 0) {
        const before = start[at - 1];
        const next = ranks.get(ids[before], merged);
        this.#wait(next, before);
        if (next >= 0 && next < lowest) lowest = next;
      }
      if (after < length) {
        const next = ranks.get(merged, ids[after]);
        this.#wait(next, at);
        if (next >= 0 && next < lowest) lowest = next;
      }
      if (lowest < rank) break;
    }
    if (this.#first[rank] >= 0) this.#heap.push(rank);
  }

  #dequeue(rank: number): number {
    const entry = this.#first[rank];
    this.#first[rank] = this.#after[entry];
    if (this.#first[rank] < 0) this.#last[rank] = -1;
    this.#after[entry] = this.#free;
    this.#free = entry;
    return this.#place[entry];
  }

  #sort(rank: number): void {
    let count = 0;
    for (let entry = this.#first[rank]; entry >= 0; entry = this.#after[entry]) count++;
    const places = new Int32Array(count);
    let i = 0;
    for (let entry = this.#first[rank]; entry >= 0; entry = this.#after[entry]) {
      places[i++] = this.#place[entry];
    }
    places.sort();
    i = 0;
    for (let entry = this.#first[rank]; entry >= 0; entry = this.#after[entry]) {
      this.#place[entry] = places[i++];
    }
    this.#unsorted[rank] = 0;
  }
}

/** A binary heap of ranks, the lowest first. */
class RankHeap {
  #ranks: number[] = [];

  push(rank: number): void {
    const ranks = this.#ranks;
    let at = ranks.length;
    ranks.push(rank);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (ranks[parent] <= rank) break;
      ranks[at] = ranks[parent];
      at = parent;
    }
    ranks[at] = rank;
  }

  /** The lowest rank, or -1. */
  pop(): number {
    const ranks = this.#ranks;
    if (ranks.length === 0) return -1;
    const lowest = ranks[0];
    const rank = ranks.pop() as number;
    const size = ranks.length;
    if (size === 0) return lowest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && ranks[child + 1] < ranks[child]) child++;
      if (ranks[child] >= rank) break;
      ranks[at] = ranks[child];
      at = child;
    }
    ranks[at] = rank;
    return lowest;
  }
}
