import { PairTable } from './pair-table.js';
import type { CountedPieces } from './piece-counts.js';

/** What separates pieces in `#tokens`. */
const BORDER = -1;

/**
 * Learns merges one by one: each time the most frequent pair of neighbouring tokens, of equal ones
 * that with the lowest ids (Sennrich et al. 2016; the order of Hugging Face's `BpeTrainer`).
 *
 * The pieces lie in one array, a token at its first byte. Each pair has a chain of the places where
 * it stands, so a merge touches those places and their neighbours only; a heap holds the pairs, with
 * counts that may have sunk meanwhile.
 */
export class MergeLearner {
  /** Token ids by place of their first byte; a border before and after each piece. */
  readonly #tokens: Int32Array;
  /** First byte of a token by place of its last byte. */
  readonly #starts: Int32Array;
  /** Piece by place. */
  readonly #pieces: Int32Array;
  readonly #counts: Float64Array;
  /** Bytes of a token by id. */
  readonly #lengths: number[] = [];

  readonly #pairs = new PairTable(1 << 14);
  /** By pair: its tokens, how often it stands in the corpus, and the first place of its chain. */
  readonly #left: number[] = [];
  readonly #right: number[] = [];
  readonly #pairCounts: number[] = [];
  readonly #chains: number[] = [];
  /** By place: the pair that begins there (-1: none) and its neighbours in the chain (-1: none). */
  readonly #pairAt: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;

  readonly #heap: PairHeap;
  /** Pairs that grew in the present merge. */
  #grown: number[] = [];

  /** @param byteIds the id of each byte's token */
  constructor(pieces: CountedPieces, byteIds: Int32Array) {
    const places = pieces.bytes.length + pieces.ends.length + 1;
    this.#tokens = new Int32Array(places).fill(BORDER);
    this.#starts = new Int32Array(places);
    this.#pieces = new Int32Array(places);
    this.#pairAt = new Int32Array(places).fill(-1);
    this.#next = new Int32Array(places);
    this.#previous = new Int32Array(places);
    this.#counts = pieces.counts;
    for (const id of byteIds) this.#lengths[id] = 1;
    this.#heap = new PairHeap(this.#left, this.#right);
    this.#place(pieces, byteIds);
    this.#offerGrown();
  }

  #place(pieces: CountedPieces, byteIds: Int32Array): void {
    let place = 1;
    let byte = 0;
    for (let piece = 0; piece < pieces.ends.length; piece++) {
      for (const end = pieces.ends[piece]; byte < end; byte++, place++) {
        this.#tokens[place] = byteIds[pieces.bytes[byte]];
        this.#starts[place] = place;
        this.#pieces[place] = piece;
        this.#link(place - 1, this.#tokens[place - 1], this.#tokens[place]);
      }
      place++;
    }
  }

  /** The most frequent pair, if it stands there at least `minCount` times. */
  best(minCount: number): { left: number; right: number } | undefined {
    for (;;) {
      const top = this.#heap.top();
      if (top === undefined) return undefined;
      const count = this.#pairCounts[top.pair];
      if (count === top.count) {
        if (count < Math.max(1, minCount)) return undefined;
        return { left: this.#left[top.pair], right: this.#right[top.pair] };
      }
      this.#heap.pop();
      if (count > 0) this.#heap.push(top.pair, count);
    }
  }

  /** Puts the token `merged` in the place of the pair that `best` returned, everywhere. */
  merge(left: number, right: number, merged: number): void {
    this.#heap.pop();
    const pair = this.#pairs.get(left, right);
    const leftLength = this.#lengths[left];
    const length = leftLength + this.#lengths[right];
    this.#lengths[merged] = length;
    const tokens = this.#tokens;
    for (const place of this.#placesOf(pair, left === right)) {
      // In "aaa" the pair stands twice, but can be merged once.
      if (this.#pairAt[place] !== pair) continue;
      const after = place + length;
      const before = tokens[place - 1] === BORDER ? -1 : this.#starts[place - 1];
      if (before >= 0) this.#unlink(before);
      this.#unlink(place);
      this.#unlink(place + leftLength);
      tokens[place] = merged;
      this.#starts[after - 1] = place;
      if (before >= 0) this.#link(before, tokens[before], merged);
      this.#link(place, merged, tokens[after]);
    }
    this.#offerGrown();
  }

  /** The chain of a pair as an array, since merging changes it; ascending if asked for. */
  #placesOf(pair: number, ascending: boolean): Int32Array {
    let count = 0;
    for (let at = this.#chains[pair]; at >= 0; at = this.#next[at]) count++;
    const places = new Int32Array(count);
    let i = 0;
    for (let at = this.#chains[pair]; at >= 0; at = this.#next[at]) places[i++] = at;
    return ascending ? places.sort() : places;
  }

  /** The pair of the token at `place` and its neighbour comes into being. */
  #link(place: number, left: number, right: number): void {
    if (left === BORDER || right === BORDER) return;
    let pair = this.#pairs.get(left, right);
    if (pair < 0) {
      pair = this.#left.length;
      this.#pairs.add(left, right, pair);
      this.#left.push(left);
      this.#right.push(right);
      this.#pairCounts.push(0);
      this.#chains.push(-1);
      this.#grown.push(pair);
    }
    this.#pairCounts[pair] += this.#counts[this.#pieces[place]];
    const first = this.#chains[pair];
    this.#pairAt[place] = pair;
    this.#next[place] = first;
    this.#previous[place] = -1;
    if (first >= 0) this.#previous[first] = place;
    this.#chains[pair] = place;
  }

  /** The pair that begins at `place`, if any, goes. */
  #unlink(place: number): void {
    const pair = this.#pairAt[place];
    if (pair < 0) return;
    this.#pairAt[place] = -1;
    this.#pairCounts[pair] -= this.#counts[this.#pieces[place]];
    const next = this.#next[place];
    const previous = this.#previous[place];
    if (next >= 0) this.#previous[next] = previous;
    if (previous >= 0) this.#next[previous] = next;
    else this.#chains[pair] = next;
  }

  #offerGrown(): void {
    for (const pair of this.#grown) {
      if (this.#pairCounts[pair] > 0) this.#heap.push(pair, this.#pairCounts[pair]);
    }
    this.#grown = [];
  }
}

/** A binary heap of pairs: the highest count first, of equal counts the lowest ids. */
class PairHeap {
  readonly #left: readonly number[];
  readonly #right: readonly number[];
  readonly #pairs: number[] = [];
  readonly #counts: number[] = [];

  constructor(left: readonly number[], right: readonly number[]) {
    this.#left = left;
    this.#right = right;
  }

  top(): { pair: number; count: number } | undefined {
    if (this.#pairs.length === 0) return undefined;
    return { pair: this.#pairs[0], count: this.#counts[0] };
  }

  push(pair: number, count: number): void {
    let at = this.#pairs.length;
    this.#pairs.push(pair);
    this.#counts.push(count);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(pair, count, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#pairs[at] = pair;
    this.#counts[at] = count;
  }

  /** Removes the top. */
  pop(): void {
    const pair = this.#pairs.pop();
    const count = this.#counts.pop();
    const size = this.#pairs.length;
    if (pair === undefined || count === undefined || size === 0) return;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const other = child + 1;
      if (other < size && this.#precedes(this.#pairs[other], this.#counts[other], child)) child++;
      if (this.#precedes(pair, count, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#pairs[at] = pair;
    this.#counts[at] = count;
  }

  #move(from: number, to: number): void {
    this.#pairs[to] = this.#pairs[from];
    this.#counts[to] = this.#counts[from];
  }

  #precedes(pair: number, count: number, at: number): boolean {
    if (count !== this.#counts[at]) return count > this.#counts[at];
    const other = this.#pairs[at];
    const difference = this.#left[pair] - this.#left[other];
    return difference !== 0 ? difference < 0 : this.#right[pair] < this.#right[other];
  }
}
