import { IdList } from '../id-list.js';
import type { SubstringTree } from './substring-tree.js';

/** The tokens that can stand at each position of the text: the edges of one lattice for each word. */
export class TokenEdges {
  /** By edge: its token, and the characters that it leads over. */
  readonly tokens: Int32Array;
  readonly lengths: Uint8Array;
  /** By position: where its edges begin, the single character first; one more for the end. */
  readonly starts: Int32Array;

  /**
   * @param text by position its character, which is the number of a token, too
   * @param tokens by node of the tree its token, or -1
   * @param lengths by token its characters
   */
  constructor(text: Int32Array, tree: SubstringTree, tokens: Int32Array, lengths: Uint8Array) {
    this.starts = new Int32Array(text.length + 1);
    const edges = new IdList(text.length * 4);
    for (let position = 0; position < text.length; position++) {
      edges.push(text[position]);
      for (let node = tree.longestAt[position]; node !== 0; node = tree.parents[node]) {
        if (tokens[node] >= 0) edges.push(tokens[node]);
      }
      this.starts[position + 1] = edges.length;
    }
    this.tokens = edges.toArray();
    this.lengths = Uint8Array.from(this.tokens, (token) => lengths[token]);
  }

  /** Leaves only the edges of tokens that are alive, and single characters. */
  keep(alive: Uint8Array): void {
    const { tokens, lengths, starts } = this;
    let kept = 0;
    let at = 0;
    for (let position = 0; position + 1 < starts.length; position++) {
      for (const end = starts[position + 1]; at < end; at++) {
        if (alive[tokens[at]] === 0 && lengths[at] > 1) continue;
        tokens[kept] = tokens[at];
        lengths[kept++] = lengths[at];
      }
      starts[position + 1] = kept;
    }
  }
}
