import type { CharacterText } from './characters.js';
import type { TokenEdges } from './token-edges.js';

/** Finds most probable segmentations by Viterbi's algorithm. */
export class BestSegmentation {
  readonly #edges: TokenEdges;
  readonly #scores: Float64Array;
  /** By place in the stretch: the score of the best way to it, and the edge that it ends with. */
  #best = new Float64Array(64);
  #lastEdge = new Int32Array(64);

  /** @param scores log probability, by token */
  constructor(edges: TokenEdges, scores: Float64Array) {
    this.#edges = edges;
    this.#scores = scores;
  }

  /** The score of the best segmentation of the stretch `[start, end)` of the text, without the token `leftOut`. */
  find(start: number, end: number, leftOut = -1): number {
    const { tokens, lengths, starts } = this.#edges;
    const length = end - start;
    if (length >= this.#best.length) {
      this.#best = new Float64Array(2 * length);
      this.#lastEdge = new Int32Array(2 * length);
    }
    const best = this.#best;
    best.fill(Number.NEGATIVE_INFINITY, 1, length + 1);
    best[0] = 0;
    for (let i = 0; i < length; i++) {
      for (let at = starts[start + i]; at < starts[start + i + 1]; at++) {
        const to = i + lengths[at];
        const score = best[i] + this.#scores[tokens[at]];
        if (to > length || !(score > best[to]) || tokens[at] === leftOut) continue;
        best[to] = score;
        this.#lastEdge[to] = at;
      }
    }
    return best[length];
  }

  /** The tokens of the segmentation found last, from its end to its beginning. */
  eachToken(length: number, take: (token: number) => void): void {
    for (let at = length; at > 0; at -= this.#edges.lengths[this.#lastEdge[at]]) {
      take(this.#edges.tokens[this.#lastEdge[at]]);
    }
  }
}

/** How often each token stands in the corpus if every word is segmented in the best way. */
export function bestCounts(
  { ends, counts }: CharacterText,
  best: BestSegmentation,
  tokens: number,
): Float64Array {
  const frequencies = new Float64Array(tokens);
  let start = 0;
  for (const [word, end] of ends.entries()) {
    best.find(start, end);
    best.eachToken(end - start, (token) => {
      frequencies[token] += counts[word];
    });
    start = end;
  }
  return frequencies;
}
