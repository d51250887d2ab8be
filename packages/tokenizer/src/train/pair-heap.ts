import { doubled } from './doubled.js';

/** What the order of pairs goes by. */
export interface PairOrder {
  /** By pair: its tokens. */
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** A binary heap of pairs with counts: the highest count first, of equal counts the lowest ids. */
export class PairHeap {
  readonly #order: PairOrder;
  #pairs = new Int32Array(1024);
  #counts = new Float64Array(1024);
  #size = 0;

  constructor(order: PairOrder) {
    this.#order = order;
  }

  /** The first pair, or -1. */
  get top(): number {
    return this.#size === 0 ? -1 : this.#pairs[0];
  }

  /** The count that the first pair was pushed with. */
  get topCount(): number {
    return this.#counts[0];
  }

  push(pair: number, count: number): void {
    if (this.#size === this.#pairs.length) {
      this.#pairs = doubled(this.#pairs);
      this.#counts = doubled(this.#counts);
    }
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(pair, count, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#pairs[at] = pair;
    this.#counts[at] = count;
  }

  /** Removes the first pair. */
  pop(): void {
    const size = --this.#size;
    const pair = this.#pairs[size];
    const count = this.#counts[size];
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
    const { left, right } = this.#order;
    const other = this.#pairs[at];
    return left[pair] !== left[other] ? left[pair] < left[other] : right[pair] < right[other];
  }
}
