import type { CharacterText } from './characters.js';
import type { TokenEdges } from './token-edges.js';

/** Characters of a token at most. */
export const LONGEST_TOKEN = 255;

/** Sums below it are scaled up by its inverse, so that long words do not underflow. */
const LOWEST = 2 ** -400;
const SCALE = 2 ** 400;
const LOG_SCALE = 400 * Math.LN2;

export interface Expectation {
  /** By token: how often it stands in the corpus, over all segmentations by their probabilities. */
  readonly counts: Float64Array;
  /** Log probability of the corpus. */
  readonly logLikelihood: number;
}

/** The E step: forward and backward sums over the segmentations of each word. */
export class ExpectationStep {
  readonly #characters: CharacterText;
  readonly #edges: TokenEdges;
  /** By place in a word: the sum over the ways from its beginning and from its end, and how often sums were scaled so far. */
  #forward = new Float64Array(64);
  #backward = new Float64Array(64);
  #scalings = new Int32Array(64);

  constructor(characters: CharacterText, edges: TokenEdges) {
    this.#characters = characters;
    this.#edges = edges;
  }

  /** @param probabilities by token */
  run(probabilities: Float64Array): Expectation {
    const { ends, counts } = this.#characters;
    const expected = new Float64Array(probabilities.length);
    let logLikelihood = 0;
    let start = 0;
    for (let word = 0; word < ends.length; word++) {
      const end = ends[word];
      this.#prepare(end - start);
      const scalings = this.#sumForward(start, end, probabilities);
      const sum = this.#forward[end - start];
      this.#sumBackward(start, end, probabilities, counts[word] / sum, expected);
      logLikelihood += counts[word] * (Math.log(sum) - scalings * LOG_SCALE);
      start = end;
    }
    return { counts: expected, logLikelihood };
  }

  #sumForward(start: number, end: number, probabilities: Float64Array): number {
    const { tokens, lengths, starts } = this.#edges;
    const forward = this.#forward;
    const length = end - start;
    let scalings = 0;
    forward.fill(0, 0, length + 1);
    forward[0] = 1;
    for (let i = 0; i < length; i++) {
      let sum = forward[i];
      if (sum < LOWEST && this.#scaleUp(i, Math.min(i + LONGEST_TOKEN, length))) {
        sum = forward[i];
        scalings++;
      }
      this.#scalings[i] = scalings;
      for (let at = starts[start + i]; at < starts[start + i + 1]; at++) {
        forward[i + lengths[at]] += sum * probabilities[tokens[at]];
      }
    }
    this.#scalings[length] = scalings;
    return scalings;
  }

  /** Scales the sums from `first` to `last` up if all are low; one that is not belongs to a token which leads over the low ones. */
  #scaleUp(first: number, last: number): boolean {
    const forward = this.#forward;
    for (let i = first; i <= last; i++) if (forward[i] >= LOWEST) return false;
    for (let i = first; i <= last; i++) forward[i] *= SCALE;
    return true;
  }

  #sumBackward(
    start: number,
    end: number,
    probabilities: Float64Array,
    weight: number,
    expected: Float64Array,
  ): void {
    const { tokens, lengths, starts } = this.#edges;
    const backward = this.#backward;
    const scalings = this.#scalings;
    const length = end - start;
    backward[length] = 1;
    for (let i = length - 1; i >= 0; i--) {
      const before = this.#forward[i] * weight;
      let sum = 0;
      for (let at = starts[start + i]; at < starts[start + i + 1]; at++) {
        const to = i + lengths[at];
        const token = tokens[at];
        let onward = probabilities[token] * backward[to];
        if (scalings[to] !== scalings[i]) onward *= SCALE ** (scalings[to] - scalings[i]);
        sum += onward;
        expected[token] += before * onward;
      }
      backward[i] = sum;
    }
  }

  #prepare(length: number): void {
    if (length < this.#backward.length) return;
    const room = 2 * (length + 1);
    this.#forward = new Float64Array(room);
    this.#backward = new Float64Array(room);
    this.#scalings = new Int32Array(room);
  }
}
