import { PositionRows } from './position-rows.js';

/**
 * Where a search has been: at which splits of the program, at which positions. A second visit fails as the
 * first one did, or would, so no search takes longer than text times pattern.
 */
export class Memo {
  /** A bit for each split. */
  readonly #rows: PositionRows;

  constructor(splits: number) {
    this.#rows = new PositionRows(Math.max(1, (splits + 31) >> 5));
  }

  /** Forgets everything; a search begins at `base`. */
  reset(base: number): void {
    this.#rows.reset(base);
  }

  /** A search begins here, and none will before. */
  startAt(position: number): void {
    this.#rows.dropBefore(position);
  }

  /** A match ends at `position`, where the next search begins: what that match passed there is no failure. */
  matched(position: number): void {
    this.#rows.clear(position);
  }

  /** Marks a split at a position; true if it was marked before. */
  visit(split: number, position: number): boolean {
    const rows = this.#rows;
    const at = rows.at(position) + (split >> 5);
    const bit = 1 << (split & 31);
    const bits = rows.data[at];
    rows.data[at] = bits | bit;
    return (bits & bit) !== 0;
  }

  /** Whether a split is marked at a position. */
  visited(split: number, position: number): boolean {
    const rows = this.#rows;
    if (!rows.has(position)) return false;
    return (rows.data[rows.at(position) + (split >> 5)] & (1 << (split & 31))) !== 0;
  }
}
