import { PositionRows } from './position-rows.js';

/** What a row holds: nothing is known, it failed, or above it the end that it came to. */
const UNKNOWN = 0;
const FAILED = 1;
const FIRST_END = 2;

/**
 * Where looks around and atomic groups have been, and what came of it: unlike in the search itself, what
 * matched is met again. The trail are the visits on the way to where the search is.
 */
export class PartMemo {
  static readonly FAILED = -1;
  static readonly NEW = -2;

  /** By split: what came of it. A visit counts as failed until it succeeds. */
  readonly #rows: PositionRows;
  readonly #firstSplit: number;
  readonly #trail: number[] = [];

  /** @param firstSplit the number of the first split in looks around and atomic groups */
  constructor(firstSplit: number, splits: number) {
    this.#firstSplit = firstSplit;
    this.#rows = new PositionRows(Math.max(1, splits));
  }

  /** How long the trail is. */
  get trail(): number {
    return this.#trail.length;
  }

  reset(base: number): void {
    this.#rows.reset(base);
    this.#trail.length = 0;
  }

  /** A search begins here, and none will before. */
  startAt(position: number): void {
    this.#rows.dropBefore(position);
  }

  /** What is known of a split at a position: an end, `FAILED` or `NEW`. */
  visit(split: number, position: number): number {
    const at = this.#rows.at(position) + split - this.#firstSplit;
    const { data } = this.#rows;
    const known = data[at];
    if (known !== UNKNOWN) return known - FIRST_END;
    data[at] = FAILED;
    this.#trail.push(at);
    return PartMemo.NEW;
  }

  /** Whether a split at a position has failed, or is on the way. */
  visited(split: number, position: number): boolean {
    const rows = this.#rows;
    if (!rows.has(position)) return false;
    return rows.data[rows.at(position) + split - this.#firstSplit] === FAILED;
  }

  /** The search goes back to where the trail was so long: what came after has failed. */
  backTo(length: number): void {
    this.#trail.length = length;
  }

  /** A part, begun when the trail was so long, came to `end`, or -1. */
  found(length: number, end: number): void {
    const { data } = this.#rows;
    if (end >= 0) {
      for (let i = length; i < this.#trail.length; i++) data[this.#trail[i]] = end + FIRST_END;
    }
    this.#trail.length = length;
  }
}
