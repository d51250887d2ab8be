/**
 * Numbers the documents in each row: 1 for the first, one more after each end-of-text token, which
 * belongs to the document that it ends. `ids, segments: [rows, length]`; writes `segments`.
 * Positions from `used` on are padding: 0.
 */
export function writeSegments(
  ids: Int32Array,
  segments: Int32Array,
  length: number,
  endOfText: number,
  used: number,
): void {
  let segment = 1;
  for (let i = 0; i < used; i++) {
    if (i % length === 0) segment = 1;
    segments[i] = segment;
    if (ids[i] === endOfText) segment++;
  }
}
