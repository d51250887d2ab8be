/** Finds matches in a text from left to right. */
export interface MatchFinder {
  /** Begins with `text[from, to)` as if it were all. */
  begin(text: string, from: number, to: number): void;
  /** The end of the match that begins at `start`, or -1. Starts ascend. */
  matchAt(start: number): number;
  /** Tells that a match ended at `end`, where the next search begins. */
  matched(end: number): void;
}
