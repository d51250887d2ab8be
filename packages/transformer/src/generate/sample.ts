import { HeddleError, type RngKey, randomWords } from '@heddle/core';

/** How the next token is chosen. Filters apply in the order given here, which is that of transformers. */
export interface SamplingOptions {
  /** Divides the positive and multiplies the negative logits of tokens seen before; 1 is off (Keskar et al. 2019). */
  readonly repetitionPenalty?: number;
  /** Divides the logits. 0 is greedy: the most likely token, after the repetition penalty. Default 1. */
  readonly temperature?: number;
  /** Keeps the k most likely tokens; 0 is off (Fan et al. 2018). */
  readonly topK?: number;
  /** Keeps the smallest set of most likely tokens with this probability together; 1 is off (Holtzman et al. 2020). */
  readonly topP?: number;
  /** Keeps tokens at least this times as likely as the most likely one; 0 is off (Nguyen et al. 2024). */
  readonly minP?: number;
}

/**
 * Chooses a token: applies the options to one row of logits and draws from what is left with the
 * randomness of `rng`. The same arguments give the same token, on every backend.
 *
 * @param logits [V]
 * @param history ids that the repetition penalty counts as seen
 * @throws `invalid-argument` for an option out of range; `transformer/logits` for NaN, +Infinity
 * or nothing but -Infinity
 */
export function sampleToken(
  logits: ArrayLike<number>,
  options: SamplingOptions,
  rng: RngKey,
  history: Iterable<number> = [],
): number {
  const scores = penalised(logits, options, history);
  if (options.temperature === 0) return indexOfLargest(scores);
  const probabilities = filtered(scores, options);
  const [high, low] = randomWords(rng, 2);
  let left = ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -53; // uniform in [0, 1)
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (probabilities[id] === 0) continue;
    last = id;
    left -= probabilities[id];
    if (left < 0) return id;
  }
  return last; // the sum was a rounding error below 1
}

/**
 * The distribution that `sampleToken` draws from. For temperature 0 all of it is on one token.
 *
 * @param logits [V]
 * @returns [V], sums to 1
 */
export function tokenProbabilities(
  logits: ArrayLike<number>,
  options: SamplingOptions = {},
  history: Iterable<number> = [],
): Float64Array {
  const scores = penalised(logits, options, history);
  if (options.temperature !== 0) return filtered(scores, options);
  const probabilities = new Float64Array(scores.length);
  probabilities[indexOfLargest(scores)] = 1;
  return probabilities;
}

/** Throws `invalid-argument` for an option out of its range. */
export function checkSamplingOptions(options: SamplingOptions): void {
  const check = (
    name: keyof SamplingOptions,
    range: string,
    fits: (n: number) => boolean,
  ): void => {
    const given = options[name];
    if (given === undefined || (Number.isFinite(given) && fits(given))) return;
    throw new HeddleError('invalid-argument', `\`${name}\` must be ${range}; it is ${given}.`, {
      argument: name,
      given: String(given),
    });
  };
  check('repetitionPenalty', 'above 0 (1 is off)', (n) => n > 0);
  check('temperature', '0 (greedy) or above', (n) => n >= 0);
  check('topK', 'an integer, 0 (off) or above', (n) => Number.isInteger(n) && n >= 0);
  check('topP', 'above 0 and at most 1 (off)', (n) => n > 0 && n <= 1);
  check('minP', 'from 0 (off) to 1', (n) => n >= 0 && n <= 1);
}

/** Checked scores in doubles, with the repetition penalty. */
function penalised(
  logits: ArrayLike<number>,
  options: SamplingOptions,
  history: Iterable<number>,
): Float64Array {
  checkSamplingOptions(options);
  const scores = new Float64Array(logits);
  let bad = -1;
  let possible = false;
  for (let i = scores.length - 1; i >= 0; i--) {
    if (scores[i] > Number.NEGATIVE_INFINITY) possible = true;
    if (!(scores[i] < Number.POSITIVE_INFINITY)) bad = i;
  }
  if (bad >= 0 || !possible) {
    const what = bad >= 0 ? `hold ${scores[bad]} at index ${bad}` : 'are all -Infinity, or none';
    throw new HeddleError(
      'transformer/logits',
      `Cannot choose a token: the logits ${what}. The weights may have diverged in training.`,
      { index: bad },
    );
  }
  const penalty = options.repetitionPenalty ?? 1;
  if (penalty !== 1)
    for (const id of new Set(history))
      scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty;
  return scores;
}

/** Temperature, top-k, top-p, min-p; returns probabilities. Changes `scores`. */
function filtered(scores: Float64Array, options: SamplingOptions): Float64Array {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = options;
  if (temperature !== 1) for (let i = 0; i < scores.length; i++) scores[i] /= temperature;
  if (topK > 0 && topK < scores.length) {
    const threshold = largestOf(scores, topK);
    remove(scores, (score) => score < threshold);
  }
  if (topP < 1) keepNucleus(scores, topP);
  if (minP > 0) {
    const probabilities = softmax(scores);
    const threshold = minP * probabilities[indexOfLargest(probabilities)];
    remove(scores, (_, id) => probabilities[id] < threshold);
  }
  return softmax(scores);
}

/** The k-th largest number (Hoare 1961, "Find"): a sort of a whole vocabulary would cost more than the model. */
function largestOf(scores: Float64Array, k: number): number {
  const x = scores.slice();
  let low = 0;
  let high = x.length - 1;
  const wanted = x.length - k;
  while (low < high) {
    const pivot = x[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (x[i] < pivot) i++;
      while (x[j] > pivot) j--;
      if (i > j) break;
      [x[i], x[j]] = [x[j], x[i]];
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return x[wanted];
}

/** Removes from the least likely token upwards, as long as what was removed is at most 1 - topP together. */
function keepNucleus(scores: Float64Array, topP: number): void {
  const probabilities = softmax(scores);
  // Tokens below an equal share of 1 - topP go in any case: most of a large vocabulary needs no sorting.
  const share = (1 - topP) / scores.length;
  const candidates: number[] = [];
  let removed = 0;
  for (let id = 0; id < scores.length; id++) {
    if (probabilities[id] >= share) candidates.push(id);
    else {
      removed += probabilities[id];
      scores[id] = Number.NEGATIVE_INFINITY;
    }
  }
  candidates.sort((a, b) => probabilities[a] - probabilities[b]);
  for (const id of candidates.slice(0, -1)) {
    removed += probabilities[id];
    if (removed > 1 - topP) break;
    scores[id] = Number.NEGATIVE_INFINITY;
  }
}

function remove(scores: Float64Array, which: (score: number, id: number) => boolean): void {
  for (let id = 0; id < scores.length; id++)
    if (which(scores[id], id)) scores[id] = Number.NEGATIVE_INFINITY;
}

function softmax(scores: Float64Array): Float64Array {
  const largest = scores[indexOfLargest(scores)];
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const sum = exponentials.reduce((total, e) => total + e, 0);
  return exponentials.map((e) => e / sum);
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
