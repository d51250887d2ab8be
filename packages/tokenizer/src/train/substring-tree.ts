import { IdList } from '../id-list.js';
import type { CharacterText } from './characters.js';
import { doubled } from './doubled.js';
import { suffixOrder } from './suffix-order.js';

/** Substrings that come at least so often are in the tree. */
const LEAST = 2;

/**
 * The substrings of the words that are frequent, and that are not always followed by the same character: the
 * inner nodes of a suffix tree, found by one pass over the ordered suffixes (Abouelhoda et al. 2004).
 */
export class SubstringTree {
  /** By node: the node of its longest prefix in the tree; node 0 is the empty substring. */
  parents: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  /** By node: its characters, how often it stands in the corpus, and a position where it does. */
  lengths: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  counts: Float64Array<ArrayBuffer> = new Float64Array(1 << 12);
  positions: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  size = 0;
  /** By position of the text: the longest substring in the tree that begins there. */
  readonly longestAt: Int32Array;

  /** @param most characters of a substring at most */
  constructor(characters: CharacterText, most: number) {
    const { text, ends } = characters;
    this.longestAt = new Int32Array(text.length);
    const { order, lengths } = suffixOrder(text, ends, most);
    const weights = positionWeights(characters);
    const path = new IdList(most + 2);
    path.push(this.#add(0, 0));
    for (let i = 0; i < order.length; i++) {
      const position = order[i];
      const length = lengths[position];
      const shared = i === 0 ? 0 : sharedLength(text, order[i - 1], position, lengths);
      this.#shorten(path, shared);
      let top = path.data[path.length - 1];
      if (this.lengths[top] < length) {
        top = this.#add(length, position);
        path.push(top);
      }
      this.counts[top] += weights[position];
      this.longestAt[position] = top;
    }
    this.#shorten(path, 0);
  }

  /** Takes nodes longer than `length` off the path; its last node is one of that length then. */
  #shorten(path: IdList, length: number): void {
    for (;;) {
      const node = path.data[path.length - 1];
      if (this.lengths[node] <= length) return;
      path.length--;
      const count = this.counts[node];
      const position = this.positions[node];
      const rare = count < LEAST;
      // A rare one has no other below it, so it is the newest.
      if (rare) this.size--;
      let parent = path.data[path.length - 1];
      if (this.lengths[parent] < length) {
        parent = this.#add(length, position);
        path.push(parent);
      }
      this.counts[parent] += count;
      if (rare) this.longestAt[position] = parent;
      else this.parents[node] = parent;
    }
  }

  #add(length: number, position: number): number {
    const node = this.size++;
    if (node === this.parents.length) {
      this.parents = doubled(this.parents);
      this.lengths = doubled(this.lengths);
      this.counts = doubled(this.counts);
      this.positions = doubled(this.positions);
    }
    this.lengths[node] = length;
    this.positions[node] = position;
    this.counts[node] = 0;
    this.parents[node] = 0;
    return node;
  }
}

/** How often the word that a position is in stands in the corpus. */
function positionWeights({ text, ends, counts }: CharacterText): Float64Array {
  const weights = new Float64Array(text.length);
  let start = 0;
  for (let word = 0; word < ends.length; word++) {
    weights.fill(counts[word], start, ends[word]);
    start = ends[word];
  }
  return weights;
}

function sharedLength(text: Int32Array, a: number, b: number, lengths: Uint8Array): number {
  const most = Math.min(lengths[a], lengths[b]);
  let length = 0;
  while (length < most && text[a + length] === text[b + length]) length++;
  return length;
}
