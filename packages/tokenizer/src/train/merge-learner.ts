import { PairHeap } from './pair-heap.js';
import { TokenPairs } from './token-pairs.js';

/** Pieces as symbols: those of all pieces one after the other. */
export interface SymbolPieces {
  readonly symbols: Int32Array;
  /** Where each piece ends in `symbols`. */
  readonly ends: Int32Array;
  /** How often each piece stands in the corpus. */
  readonly counts: Float64Array;
}

export interface MergeLimits {
  /** A pair that stands there less often is not merged. */
  readonly minFrequency: number;
  /** Two tokens that have as many symbols together, or more, make no pair. */
  readonly maxSymbols: number;
  /** All token ids are below. */
  readonly idLimit: number;
}

/** What separates pieces in `#tokens`. */
const BORDER = -1;
/** Where no pair begins. */
const NONE = -1;

/**
 * Learns merges one by one: each time the most frequent pair of neighbouring tokens, of equal ones
 * that with the lowest ids (Sennrich et al. 2016; the order of Hugging Face's `BpeTrainer`).
 *
 * The pieces lie in one array, a token at its first symbol. Each pair has a list of the places where it
 * came into being, so a merge touches those places and their neighbours only; a heap holds the pairs,
 * with counts that may have changed meanwhile.
 *
 * What was merged stays in a pair's count, as it does in `BpeTrainer`: where the pair comes into being once more
 * it is merged at once.
 */
export class MergeLearner {
  readonly #limits: MergeLimits;
  readonly #counts: Float64Array;
  /** By place: the token that begins there; a border before and after each piece. */
  readonly #tokens: Int32Array;
  /** The last place of a token by its first, and the first by its last. */
  readonly #otherEnd: Int32Array;
  /** By place: its piece, and the pair whose left token begins there. */
  readonly #pieces: Int32Array;
  readonly #pairAt: Int32Array;

  readonly #pairs = new TokenPairs();
  readonly #heap: PairHeap;
  /** By token: its pair with the token that is being made, on its left and on its right. */
  readonly #leftOfMade: Int32Array;
  readonly #rightOfMade: Int32Array;

  constructor(pieces: SymbolPieces, limits: MergeLimits) {
    const places = pieces.symbols.length + pieces.ends.length + 1;
    this.#limits = limits;
    this.#counts = pieces.counts;
    this.#tokens = new Int32Array(places).fill(BORDER);
    this.#otherEnd = new Int32Array(places);
    this.#pieces = new Int32Array(places);
    this.#pairAt = new Int32Array(places).fill(NONE);
    this.#leftOfMade = new Int32Array(limits.idLimit).fill(NONE);
    this.#rightOfMade = new Int32Array(limits.idLimit).fill(NONE);
    this.#heap = new PairHeap(this.#pairs);
    this.#place(pieces);
    this.#offerGrown();
  }

  #place({ symbols, ends }: SymbolPieces): void {
    let place = 1;
    let at = 0;
    for (let piece = 0; piece < ends.length; piece++) {
      for (const end = ends[piece]; at < end; at++, place++) {
        const token = symbols[at];
        this.#tokens[place] = token;
        this.#otherEnd[place] = place;
        this.#pieces[place] = piece;
        const before = this.#tokens[place - 1];
        if (before !== BORDER) {
          this.#begin(place - 1, this.#pairs.indexOf(before, token), this.#counts[piece]);
        }
      }
      place++;
    }
  }

  /** The pair to merge next: `undefined` where none is frequent enough. */
  best(): { pair: number; left: number; right: number } | undefined {
    for (;;) {
      const pair = this.#heap.top;
      if (pair < 0) return undefined;
      const count = this.#pairs.counts[pair];
      if (count === this.#heap.topCount) {
        return { pair, left: this.#pairs.left[pair], right: this.#pairs.right[pair] };
      }
      this.#heap.pop();
      this.#offer(pair);
    }
  }

  /** Puts the token `made` in the place of a pair, that which `best` returned, everywhere. */
  merge(pair: number, made: number): void {
    this.#heap.pop();
    const pairAt = this.#pairAt;
    for (const place of this.#pairs.takePlaces(pair)) {
      // In "aaa" the pair stands twice, but can be merged once.
      if (pairAt[place] === pair) this.#mergeAt(place, made);
    }
    this.#offerGrown();
  }

  #mergeAt(place: number, made: number): void {
    const tokens = this.#tokens;
    const otherEnd = this.#otherEnd;
    const count = this.#counts[this.#pieces[place]];
    const second = otherEnd[place] + 1;
    const last = otherEnd[second];
    tokens[place] = made;
    otherEnd[place] = last;
    otherEnd[last] = place;
    this.#end(second, count);
    this.#pairAt[place] = NONE;
    if (tokens[place - 1] !== BORDER) {
      const before = otherEnd[place - 1];
      this.#end(before, count);
      if (last + 1 - before < this.#limits.maxSymbols) {
        this.#begin(before, this.#withMade(tokens[before], made, true), count);
      }
    }
    const after = tokens[last + 1];
    if (after !== BORDER && otherEnd[last + 1] + 1 - place < this.#limits.maxSymbols) {
      this.#begin(place, this.#withMade(after, made, false), count);
    }
  }

  /** The pair of the token that is being made with its neighbour. */
  #withMade(neighbour: number, made: number, neighbourIsLeft: boolean): number {
    const left = neighbourIsLeft && neighbour !== made;
    const known = left ? this.#leftOfMade : this.#rightOfMade;
    if (known[neighbour] === NONE) {
      known[neighbour] = left
        ? this.#pairs.indexOf(neighbour, made)
        : this.#pairs.indexOf(made, neighbour);
    }
    return known[neighbour];
  }

  /** A pair comes into being at `place`. */
  #begin(place: number, pair: number, count: number): void {
    this.#pairAt[place] = pair;
    this.#pairs.add(pair, place, count);
  }

  /** The pair that begins at `place`, if any, goes. */
  #end(place: number, count: number): void {
    const pair = this.#pairAt[place];
    if (pair === NONE) return;
    this.#pairs.counts[pair] -= count;
    this.#pairAt[place] = NONE;
  }

  #offerGrown(): void {
    const { left, right } = this.#pairs;
    for (const pair of this.#pairs.settle()) {
      this.#offer(pair);
      this.#leftOfMade[left[pair]] = NONE;
      this.#rightOfMade[right[pair]] = NONE;
    }
  }

  #offer(pair: number): void {
    const count = this.#pairs.counts[pair];
    if (count > 0 && count >= this.#limits.minFrequency) this.#heap.push(pair, count);
  }
}
