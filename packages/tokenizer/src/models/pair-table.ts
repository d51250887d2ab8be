/** Pairs of ids below this, bytes mostly, have a table of their own. */
const SMALL = 256;

/** A map from pairs of token ids to a number: open addressing in one typed array. */
export class PairTable {
  /** Pairs in `#slots`. */
  #size = 0;
  /** Values of the pairs of small ids, or -1. */
  readonly #small: Int32Array = new Int32Array(SMALL * SMALL).fill(-1);
  /** First id, second id and value, three numbers a slot; a first id of -1 is an empty slot. */
  #slots: Int32Array;
  #mask: number;
  /** A bit for each hash that there may be: small enough to stay near, it answers for most pairs that are not there. */
  #present: Int32Array;

  constructor(expected: number) {
    let capacity = 16;
    while (capacity < expected * 2) capacity *= 2;
    this.#slots = new Int32Array(capacity * 3).fill(-1);
    this.#mask = capacity - 1;
    this.#present = new Int32Array(capacity / 8);
  }

  /** The value of the pair `(a, b)`, or -1. */
  get(a: number, b: number): number {
    if ((a | b) < SMALL) return this.#small[a * SMALL + b];
    const hash = hashPair(a, b);
    const present = this.#present;
    if ((present[(hash >>> 5) & (present.length - 1)] & (1 << hash)) === 0) return -1;
    const slots = this.#slots;
    let slot = hash & this.#mask;
    for (;;) {
      const at = slot * 3;
      const first = slots[at];
      if (first === a && slots[at + 1] === b) return slots[at + 2];
      if (first === -1) return -1;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds a pair that is not there yet. */
  add(a: number, b: number, value: number): void {
    if ((a | b) < SMALL) {
      this.#small[a * SMALL + b] = value;
      return;
    }
    if (this.#size * 2 > this.#mask) this.#grow();
    this.#place(a, b, value);
    this.#size++;
  }

  #place(a: number, b: number, value: number): void {
    const hash = hashPair(a, b);
    this.#present[(hash >>> 5) & (this.#present.length - 1)] |= 1 << hash;
    let slot = hash & this.#mask;
    while (this.#slots[slot * 3] !== -1) slot = (slot + 1) & this.#mask;
    this.#slots[slot * 3] = a;
    this.#slots[slot * 3 + 1] = b;
    this.#slots[slot * 3 + 2] = value;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2).fill(-1);
    this.#mask = this.#slots.length / 3 - 1;
    this.#present = new Int32Array((this.#mask + 1) / 8);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at] !== -1) this.#place(old[at], old[at + 1], old[at + 2]);
    }
  }
}

function hashPair(a: number, b: number): number {
  const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca6b);
  return hash ^ (hash >>> 15);
}
