/** Offsets in UTF-16 units as offsets in code points, as Hugging Face's library has them; `offsets` ascend nearly. */
export function codePointOffsets(text: string, offsets: Int32Array): Int32Array {
  const pairs = surrogatePairs(text);
  if (pairs.length === 0) return offsets;
  return offsets.map((unit) => unit - countBelow(pairs, unit));
}

/** Where the second halves of surrogate pairs stand. */
function surrogatePairs(text: string): number[] {
  const seconds: number[] = [];
  for (let i = 1; i < text.length; i++) {
    const pair =
      (text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800;
    if (pair) seconds.push(i++);
  }
  return seconds;
}

/** How many of the sorted numbers are below `limit`. */
function countBelow(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
