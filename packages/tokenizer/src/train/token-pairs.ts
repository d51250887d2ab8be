import { IdList } from '../id-list.js';
import { PairTable } from '../models/pair-table.js';
import { doubled } from './doubled.js';

/** All pairs of neighbouring tokens that ever were, numbered, with how often and where they stand. */
export class TokenPairs {
  /** By pair: its tokens. */
  left: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  right: Int32Array<ArrayBuffer> = new Int32Array(1 << 14);
  /** By pair: how often it stands in the corpus. */
  counts: Float64Array<ArrayBuffer> = new Float64Array(1 << 14);
  #size = 0;
  readonly #table = new PairTable(1 << 14);

  /** The places of all pairs; those of a pair lie side by side. */
  readonly #places = new IdList(1 << 14);
  /** By pair: where its places begin, and end. */
  #starts = new Int32Array(1 << 14);
  #ends = new Int32Array(1 << 14);

  /** Places that were added since `settle`, with their pairs, and how many of each pair. */
  readonly #newPlaces = new IdList(1024);
  readonly #newPairs = new IdList(1024);
  #newCounts = new Int32Array(1 << 14);
  readonly #grown = new IdList(1024);

  /** The number of the pair `(left, right)`. */
  indexOf(left: number, right: number): number {
    const known = this.#table.get(left, right);
    if (known >= 0) return known;
    const pair = this.#size++;
    if (pair === this.left.length) this.#grow();
    this.left[pair] = left;
    this.right[pair] = right;
    this.#table.add(left, right, pair);
    return pair;
  }

  /** The pair stands at one more place, `count` times in the corpus. */
  add(pair: number, place: number, count: number): void {
    this.counts[pair] += count;
    if (this.#newCounts[pair]++ === 0) this.#grown.push(pair);
    this.#newPairs.push(pair);
    this.#newPlaces.push(place);
  }

  /** Files the places that were added under their pairs, and gives these pairs. */
  settle(): Int32Array {
    const grown = this.#grown.toArray();
    for (const pair of grown) this.#makeRoom(pair);
    const pairs = this.#newPairs.data;
    const places = this.#newPlaces.data;
    const filed = this.#places.data;
    for (let i = 0; i < this.#newPairs.length; i++) filed[this.#ends[pairs[i]]++] = places[i];
    this.#grown.length = 0;
    this.#newPairs.length = 0;
    this.#newPlaces.length = 0;
    return grown;
  }

  /** The places where a pair came into being, in ascending order; it may be gone from some. They are forgotten. */
  takePlaces(pair: number): Int32Array {
    const places = this.#places.data.slice(this.#starts[pair], this.#ends[pair]);
    this.#starts[pair] = 0;
    this.#ends[pair] = 0;
    return this.left[pair] === this.right[pair] ? places.sort() : places;
  }

  /** Room for the new places of a pair, behind its old ones. */
  #makeRoom(pair: number): void {
    const start = this.#starts[pair];
    const old = this.#ends[pair] - start;
    const places = this.#places;
    places.reserve(old + this.#newCounts[pair]);
    if (old > 0) places.data.copyWithin(places.length, start, start + old);
    this.#starts[pair] = places.length;
    this.#ends[pair] = places.length + old;
    places.length += old + this.#newCounts[pair];
    this.#newCounts[pair] = 0;
  }

  #grow(): void {
    this.left = doubled(this.left);
    this.right = doubled(this.right);
    this.counts = doubled(this.counts);
    this.#starts = doubled(this.#starts);
    this.#ends = doubled(this.#ends);
    this.#newCounts = doubled(this.#newCounts);
  }
}
