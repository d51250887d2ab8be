import { PairTable } from './pair-table.js';

/** All tokens by their UTF-16 units, to find those that a text begins with. */
export class TokenTrie {
  static readonly root = 0;
  /** The node after a node and a unit. */
  readonly #children: PairTable;
  /** By node: the token that ends there, or -1. */
  readonly #ids: Int32Array;

  constructor(vocab: ReadonlyMap<string, number>) {
    this.#children = new PairTable(vocab.size * 2);
    const ids: number[] = [-1];
    for (const [token, id] of vocab) {
      let node = TokenTrie.root;
      for (let i = 0; i < token.length; i++) {
        const unit = token.charCodeAt(i);
        let child = this.#children.get(node, unit);
        if (child < 0) {
          child = ids.push(-1) - 1;
          this.#children.add(node, unit, child);
        }
        node = child;
      }
      ids[node] = id;
    }
    this.#ids = Int32Array.from(ids);
  }

  /** The node after `node` and `unit`, or -1. */
  step(node: number, unit: number): number {
    return this.#children.get(node, unit);
  }

  /** The token that ends at a node, or -1. */
  tokenAt(node: number): number {
    return this.#ids[node];
  }
}
