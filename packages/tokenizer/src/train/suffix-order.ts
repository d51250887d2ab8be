/** Where the suffixes of words stand in the order of their first characters. */
export interface SuffixOrder {
  /** Positions in the text, one a suffix, ordered by the suffix. */
  readonly order: Int32Array;
  /** Characters of the suffix at a position: up to the end of its word, and `most`. */
  readonly lengths: Uint8Array;
}

/**
 * Orders all suffixes of all words by their first `most` characters or more: a suffix array by prefix doubling
 * (Manber and Myers 1993) that stops early, since longer tokens than that are not wanted. Its time is
 * proportional to the length of the text.
 */
export function suffixOrder(text: Int32Array, ends: Int32Array, most: number): SuffixOrder {
  const size = text.length;
  const lengths = suffixLengths(size, ends, most);
  const order = new Int32Array(size);
  let ranks: Int32Array = text;
  const bySecond = new Int32Array(size);
  for (let i = 0; i < size; i++) bySecond[i] = i;
  countingSort(bySecond, ranks, order);
  for (let known = 1; known < most; known *= 2) {
    // By what stands `known` further on: suffixes that end before it come first.
    let at = 0;
    for (let i = 0; i < size; i++) if (lengths[i] <= known) bySecond[at++] = i;
    for (const position of order) {
      if (position >= known && lengths[position - known] > known) bySecond[at++] = position - known;
    }
    countingSort(bySecond, ranks, order);
    const old = ranks;
    ranks = ranked(order, old, (i) => (lengths[i] > known ? old[i + known] + 1 : 0));
  }
  return { order, lengths };
}

function suffixLengths(size: number, ends: Int32Array, most: number): Uint8Array {
  const lengths = new Uint8Array(size);
  let start = 0;
  for (const end of ends) {
    for (let i = start; i < end; i++) lengths[i] = Math.min(end - i, most);
    start = end;
  }
  return lengths;
}

/** Moves `items` to `out`, ordered by their keys; equal ones keep their order. */
function countingSort(items: Int32Array, keys: Int32Array, out: Int32Array): void {
  let greatest = 0;
  for (const key of keys) if (key > greatest) greatest = key;
  const starts = new Int32Array(greatest + 2);
  for (const key of keys) starts[key + 1]++;
  for (let key = 0; key <= greatest; key++) starts[key + 1] += starts[key];
  for (const item of items) out[starts[keys[item]]++] = item;
}

/** Numbers the suffixes in their order; those with equal ranks and equal second keys get one number. */
function ranked(
  order: Int32Array,
  ranks: Int32Array,
  secondKey: (position: number) => number,
): Int32Array {
  const numbers = new Int32Array(order.length);
  let rank = -1;
  let first = -1;
  let second = -1;
  for (const position of order) {
    const key = secondKey(position);
    if (ranks[position] !== first || key !== second) {
      rank++;
      first = ranks[position];
      second = key;
    }
    numbers[position] = rank;
  }
  return numbers;
}
