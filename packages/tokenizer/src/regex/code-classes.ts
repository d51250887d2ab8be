import type { CodeSet } from '../unicode/code-set.js';

/**
 * Code points told apart by the sets of a pattern: those of one class are in the same sets. So that a
 * character is looked up once, in one table, for all sets.
 */
export class CodeClasses {
  /** How many classes there are. */
  readonly count: number;
  /** `members[set * count + class]` is 1 if the class is in the set. */
  readonly members: Uint8Array;
  /** Bounds of the stretches of one class each, and their classes. */
  readonly #bounds: number[];
  readonly #kinds: Uint16Array;
  #table: Uint16Array | undefined;

  constructor(sets: readonly CodeSet[]) {
    this.#bounds = [...new Set([0, 0xd800, 0xe000, ...sets.flat()])].sort((a, b) => a - b);
    this.#kinds = new Uint16Array(this.#bounds.length);
    const numbers = new Map<string, number>();
    const signatures: number[][] = [];
    const at = sets.map(() => 0);
    for (const [i, bound] of this.#bounds.entries()) {
      const signature = sets.map((set, s) => {
        while (set[at[s]] <= bound) at[s]++;
        return at[s] % 2;
      });
      const key = signature.join('');
      let kind = numbers.get(key);
      if (kind === undefined) {
        kind = signatures.length;
        signatures.push(signature);
        numbers.set(key, kind);
      }
      this.#kinds[i] = kind;
    }
    this.count = signatures.length;
    this.members = new Uint8Array(sets.length * this.count);
    for (const [kind, signature] of signatures.entries()) {
      for (const [s, inside] of signature.entries()) this.members[s * this.count + kind] = inside;
    }
    // Lone surrogates are of the class of U+FFFD, which they become as bytes.
    this.#kinds[this.#bounds.indexOf(0xd800)] = this.of(0xfffd);
  }

  /** The class of each code point below U+10000. */
  get table(): Uint16Array {
    this.#table ??= this.#fill();
    return this.#table;
  }

  of(point: number): number {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bounds[middle] <= point) low = middle + 1;
      else high = middle;
    }
    return this.#kinds[low - 1];
  }

  #fill(): Uint16Array {
    const table = new Uint16Array(0x10000);
    for (let i = 0; i < this.#bounds.length && this.#bounds[i] < 0x10000; i++) {
      table.fill(this.#kinds[i], this.#bounds[i], this.#bounds[i + 1] ?? 0x10000);
    }
    return table;
  }
}
