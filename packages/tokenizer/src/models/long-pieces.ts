import type { Merges } from './merges.js';
import { RankHeap } from './rank-heap.js';

/** Above this length the scratch of a piece is given back at once. */
const KEPT_SCRATCH = 1 << 16;

/**
 * Merging in near-linear time, for pieces like a megabyte of one letter: the places where a merge
 * may happen wait in one queue per rank, and a heap holds the ranks that have a queue.
 */
export class LongPieces {
  readonly #merges: Merges;
  /** By rank: first and last waiting entry (-1: none), and whether the places ascend. */
  #first: Int32Array = new Int32Array(0);
  #last: Int32Array = new Int32Array(0);
  #unsorted: Uint8Array = new Uint8Array(0);
  /** By entry: the place, and the entry after it. Free entries are chained from `#free`. */
  #place: Int32Array = new Int32Array(0);
  #after: Int32Array = new Int32Array(0);
  #free = -1;
  #entries = 0;
  /** By last symbol of a token: its first symbol. */
  #start: Int32Array = new Int32Array(0);
  readonly #heap = new RankHeap();

  constructor(merges: Merges) {
    this.#merges = merges;
  }

  /**
   * As `Merges.apply`. Meanwhile a token and its last symbol lie at its first symbol; the symbols behind it are
   * not looked at any more.
   */
  apply(ids: Int32Array, lasts: Int32Array, length: number): number {
    this.#prepare(length);
    const { ranks } = this.#merges;
    for (let i = 0; i < length; i++) {
      this.#start[i] = i;
      lasts[i] = i;
    }
    for (let i = 0; i + 1 < length; i++) this.#wait(ranks.get(ids[i], ids[i + 1]), i);
    for (let rank = this.#heap.pop(); rank >= 0; rank = this.#heap.pop()) {
      this.#mergeRank(ids, lasts, length, rank);
    }
    let count = 0;
    for (let at = 0; at < length; ) {
      const last = lasts[at];
      ids[count] = ids[at];
      lasts[count++] = last;
      at = last + 1;
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
  #mergeRank(ids: Int32Array, lasts: Int32Array, length: number, rank: number): void {
    const { left, right, result, ranks } = this.#merges;
    const a = left[rank];
    const b = right[rank];
    const merged = result[rank];
    const start = this.#start;
    if (this.#unsorted[rank]) this.#sort(rank);
    while (this.#first[rank] >= 0) {
      const at = this.#dequeue(rank);
      // A place may have been merged otherwise since it came into the queue.
      if (ids[at] !== a) continue;
      const middle = lasts[at] + 1;
      if (middle >= length || ids[middle] !== b) continue;
      const last = lasts[middle];
      ids[at] = merged;
      ids[middle] = -1;
      lasts[at] = last;
      start[last] = at;
      let lowest = rank;
      if (at > 0) {
        const before = start[at - 1];
        const next = ranks.get(ids[before], merged);
        this.#wait(next, before);
        if (next >= 0 && next < lowest) lowest = next;
      }
      if (last + 1 < length) {
        const next = ranks.get(merged, ids[last + 1]);
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
