/** Beyond so many entries what is known is given up at the next match. */
const MOST = 1 << 22;
/** More splits in looks around and atomic groups cannot be: programs are shorter. */
const SPLITS = 1 << 15;

/**
 * Where looks around and atomic groups have been, and what came of it: unlike in the search itself, what
 * matched is met again. The trail are the visits on the way to where the search is.
 */
export class PartMemo {
  static readonly FAILED = -1;
  static readonly NEW = -2;

  /** The end that a split at a position came to, or `FAILED`, which is also what a visit counts as until it succeeds. */
  readonly #ends = new Map<number, number>();
  readonly #trail: number[] = [];

  /** How long the trail is. */
  get trail(): number {
    return this.#trail.length;
  }

  clear(): void {
    this.#ends.clear();
    this.#trail.length = 0;
  }

  trim(): void {
    if (this.#ends.size > MOST) this.#ends.clear();
  }

  /** What is known of a split at a position: an end, `FAILED` or `NEW`. */
  visit(split: number, position: number): number {
    const key = position * SPLITS + split;
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    this.#ends.set(key, PartMemo.FAILED);
    this.#trail.push(key);
    return PartMemo.NEW;
  }

  /** Whether a split at a position has failed, or is on the way. */
  visited(split: number, position: number): boolean {
    return this.#ends.get(position * SPLITS + split) === PartMemo.FAILED;
  }

  /** The search goes back to where the trail was so long: what came after has failed. */
  backTo(length: number): void {
    this.#trail.length = length;
  }

  /** A part, begun when the trail was so long, came to `end`, or -1. */
  found(length: number, end: number): void {
    if (end >= 0) {
      for (let i = length; i < this.#trail.length; i++) this.#ends.set(this.#trail[i], end);
    }
    this.#trail.length = length;
  }
}
