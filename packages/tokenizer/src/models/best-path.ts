import { TokenTrie } from './token-trie.js';

/** How much worse an unknown character is than the worst token. */
const UNKNOWN_PENALTY = 10;
/** Larger scratch is given back at the next text. */
const KEPT_SCRATCH = 1 << 16;

/** Viterbi's algorithm over the tokens that a text can be cut into, in time linear in the text. */
export class BestPath {
  readonly #trie: TokenTrie;
  readonly #scores: Float64Array;
  readonly #unkId: number;
  readonly #unkScore: number;
  /** By unit: the score of the best path that ends there, and where its last token begins (-1: no path). */
  #best = new Float64Array(64);
  #start = new Int32Array(64);
  /** By unit where a token of the best path ends: its id. */
  #id = new Int32Array(64);
  /** By unit where a token of the best path begins: where it ends. */
  #end = new Int32Array(64);

  /** @param unkId the token of an unknown character, or -1 */
  constructor(vocab: ReadonlyMap<string, number>, scores: Float64Array, unkId: number) {
    this.#trie = new TokenTrie(vocab);
    this.#scores = scores;
    this.#unkId = unkId;
    let worst = Number.POSITIVE_INFINITY;
    for (const score of scores) worst = Math.min(worst, score);
    this.#unkScore = worst - UNKNOWN_PENALTY;
  }

  /** Finds the best path through a text; false where a character is unknown and has no token. */
  find(text: string): boolean {
    this.#prepare(text.length);
    for (let at = 0; at < text.length; ) {
      const next = at + ((text.codePointAt(at) as number) > 0xffff ? 2 : 1);
      if (!this.#offerTokens(text, at, next)) {
        if (this.#unkId < 0) return false;
        this.#offer(at, next, this.#unkId, this.#unkScore);
      }
      at = next;
    }
    for (let end = text.length; end > 0; end = this.#start[end]) this.#end[this.#start[end]] = end;
    return true;
  }

  /** Where the token of the path that begins at `start` ends. */
  endOf(start: number): number {
    return this.#end[start];
  }

  /** The token of the path that ends at `end`. */
  idAt(end: number): number {
    return this.#id[end];
  }

  /** Offers all tokens at `at`; whether the character up to `next` is one of them. */
  #offerTokens(text: string, at: number, next: number): boolean {
    const trie = this.#trie;
    let known = false;
    let node = trie.step(TokenTrie.root, text.charCodeAt(at));
    for (let end = at + 1; node >= 0; end++) {
      const id = trie.tokenAt(node);
      if (id >= 0) {
        this.#offer(at, end, id, this.#scores[id]);
        if (end === next) known = true;
      }
      if (end === text.length) break;
      node = trie.step(node, text.charCodeAt(end));
    }
    return known;
  }

  #offer(start: number, end: number, id: number, score: number): void {
    const candidate = score + this.#best[start];
    if (this.#start[end] >= 0 && !(candidate > this.#best[end])) return;
    this.#best[end] = candidate;
    this.#start[end] = start;
    this.#id[end] = id;
  }

  #prepare(length: number): void {
    const size = this.#start.length;
    if (size <= length || (size > KEPT_SCRATCH && length < KEPT_SCRATCH)) {
      const capacity = Math.max(64, length + 1);
      this.#best = new Float64Array(capacity);
      this.#start = new Int32Array(capacity);
      this.#id = new Int32Array(capacity);
      this.#end = new Int32Array(capacity);
    }
    this.#best[0] = 0;
    this.#start.fill(-1, 0, length + 1);
  }
}
