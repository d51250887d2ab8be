import { BestSegmentation, bestCounts } from './best-segmentation.js';
import type { CharacterText } from './characters.js';
import { digamma } from './digamma.js';
import { ExpectationStep } from './expectation.js';
import { type Seed, type SeedOptions, seedTokens } from './seed-tokens.js';

/** Tokens that are expected less often are dropped. */
const LEAST_EXPECTED = 0.5;
/** How much worse a character that was dropped is than the worst token. */
const DROPPED_PENALTY = 10;
/** In the end characters that were dropped differ by so much. */
const DROPPED_STEP = 0.0001;

/**
 * Learns a unigram language model (Kudo 2018, as sentencepiece's `unigram_model_trainer` does): begins with many
 * tokens, fits their probabilities by expectation maximisation, and takes away those that are missed least.
 */
export class UnigramLearner {
  readonly #characters: CharacterText;
  readonly #seed: Seed;
  readonly #step: ExpectationStep;
  /** By token: whether it is in the vocabulary; the first tokens are the characters. */
  readonly #alive: Uint8Array;
  #size: number;
  /** By token: log probability. Characters that are not alive have one, too, so that every word can be written. */
  readonly #scores: Float64Array;

  constructor(characters: CharacterText, options: SeedOptions) {
    this.#characters = characters;
    this.#seed = seedTokens(characters, options);
    this.#step = new ExpectationStep(characters, this.#seed.edges);
    this.#size = this.#seed.lengths.length;
    this.#alive = new Uint8Array(this.#size).fill(1);
    const total = this.#seed.coverage.reduce((sum, own) => sum + own, 0);
    this.#scores = this.#seed.coverage.map((own) => Math.log(own / total));
  }

  /** Tokens in the vocabulary. */
  get size(): number {
    return this.#size;
  }

  /** One round of expectation maximisation. With the digamma function rare tokens get less than their share (Liang and Klein 2007). */
  fit(): void {
    const { counts } = this.#step.run(this.#scores.map(Math.exp));
    let total = 0;
    for (const [token, count] of counts.entries()) {
      if (count < LEAST_EXPECTED) this.#drop(token);
      if (this.#alive[token]) total += count;
    }
    const logTotal = digamma(total);
    let worst = 0;
    for (const [token, count] of counts.entries()) {
      if (!this.#alive[token]) continue;
      this.#scores[token] = digamma(count) - logTotal;
      worst = Math.min(worst, this.#scores[token]);
    }
    const singles = this.#characters.characters.length;
    for (let char = 0; char < singles; char++) {
      if (!this.#alive[char]) this.#scores[char] = worst - DROPPED_PENALTY;
    }
    this.#seed.edges.keep(this.#alive);
  }

  /** Leaves `size` tokens: those without which the corpus would become least probable. */
  prune(size: number): void {
    const best = new BestSegmentation(this.#seed.edges, this.#scores);
    const frequencies = bestCounts(this.#characters, best, this.#alive.length);
    const total = frequencies.reduce((sum, own) => sum + own, 0);
    const candidates: { readonly token: number; readonly loss: number }[] = [];
    let kept = 0;
    for (const [token, frequency] of frequencies.entries()) {
      if (!this.#alive[token]) continue;
      const loss = frequency === 0 ? 0 : this.#lossWithout(token, frequencies, total, best);
      if (loss === Number.POSITIVE_INFINITY) kept++;
      else if (loss === 0) this.#drop(token);
      else candidates.push({ token, loss });
    }
    candidates.sort((a, b) => b.loss - a.loss || a.token - b.token);
    for (const { token } of candidates.slice(Math.max(0, size - kept))) this.#drop(token);
    this.#seed.edges.keep(this.#alive);
  }

  /** How much less probable the corpus becomes if a token is written with others; 0 if it is not used then, infinite if there are none. */
  #lossWithout(
    token: number,
    frequencies: Float64Array,
    total: number,
    best: BestSegmentation,
  ): number {
    const { positions, lengths } = this.#seed;
    const length = lengths[token];
    if (length === 1) return Number.POSITIVE_INFINITY;
    const start = positions[token];
    const alternative = best.find(start, start + length, token);
    if (alternative > this.#scores[token]) return 0;
    const frequency = frequencies[token];
    let others = 0;
    let logProbability = 0;
    best.eachToken(length, (other) => {
      others++;
      logProbability += Math.log(frequencies[other] + frequency);
    });
    logProbability -= others * Math.log(total + frequency * (others - 1));
    return frequency * (Math.log(frequency) - Math.log(total) - logProbability);
  }

  #drop(token: number): void {
    this.#size -= this.#alive[token];
    this.#alive[token] = 0;
  }

  /** At most `size` tokens with their log probabilities, the most probable first: all characters, and others that are not `taken`. */
  tokens(
    size: number,
    taken: ReadonlySet<string>,
  ): { readonly token: string; readonly score: number }[] {
    const { characters, text } = this.#characters;
    const singles = characters.length;
    let worst = 0;
    for (const [token, score] of this.#scores.entries()) {
      if (this.#alive[token]) worst = Math.min(worst, score);
    }
    // Dropped characters come last, the most frequent first.
    let dropped = 0;
    const chosen = characters
      .map((token, char) => ({
        token,
        score: this.#alive[char] ? this.#scores[char] : worst - DROPPED_STEP * dropped++,
      }))
      .filter(({ token }) => !taken.has(token));
    const others: number[] = [];
    for (let token = singles; token < this.#scores.length; token++) {
      if (this.#alive[token]) others.push(token);
    }
    others.sort((a, b) => this.#scores[b] - this.#scores[a] || a - b);
    for (const token of others) {
      if (chosen.length >= size) break;
      const start = this.#seed.positions[token];
      const points = text.subarray(start, start + this.#seed.lengths[token]);
      const spelled = Array.from(points, (char) => characters[char]).join('');
      if (!taken.has(spelled)) chosen.push({ token: spelled, score: this.#scores[token] });
    }
    return chosen.sort((a, b) => b.score - a.score || (a.token < b.token ? -1 : 1));
  }
}
