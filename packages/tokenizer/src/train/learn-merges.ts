import { EventLoop } from './event-loop.js';
import { MergeLearner, type MergeLimits, type SymbolPieces } from './merge-learner.js';

export interface MergeOptions {
  /** Entries of the vocabulary at most. */
  readonly vocabSize: number;
  /** A pair that stands in the corpus less often is not merged. */
  readonly minFrequency: number;
  /** Symbols of a token at most. */
  readonly maxTokenLength?: number;
  /** Is taken off the right one of two tokens that become one. */
  readonly continuingSubwordPrefix?: string;
  readonly onProgress?: (progress: MergeProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MergeProgress {
  readonly phase: 'merge';
  /** Merges learnt, and to learn at most. */
  readonly done: number;
  readonly total: number;
  /** Different pieces seen. */
  readonly pieces: number;
}

/** After so many merges: progress. */
const MERGES_A_REPORT = 64;

/**
 * Learns merges until the vocabulary is full or no pair is left.
 *
 * @param vocab ids of the symbols, to which tokens are added
 * @returns three ids each: two tokens that stand side by side, and the one that takes their place
 */
export async function learnMerges(
  pieces: SymbolPieces,
  vocab: Map<string, number>,
  options: MergeOptions,
): Promise<Int32Array> {
  const { vocabSize, continuingSubwordPrefix: prefix = '' } = options;
  const loop = new EventLoop(options.signal);
  const learner = new MergeLearner(pieces, limitsOf(options, vocab.size));
  const tokens = [...vocab.keys()];
  const total = vocabSize - tokens.length;
  const merges: { readonly pair: number; readonly ids: readonly [number, number, number] }[] = [];
  /** Of each pair the last merge: one that came into being once more is merged once more. */
  const lastMerge = new Map<number, number>();
  const report = (): void => {
    const done = merges.length;
    options.onProgress?.({ phase: 'merge', done, total, pieces: pieces.ends.length });
  };
  while (tokens.length < vocabSize) {
    const best = learner.best();
    if (best === undefined) break;
    const { pair, left, right } = best;
    const ending = tokens[right];
    const cut = prefix !== '' && ending.startsWith(prefix) ? prefix.length : 0;
    const token = tokens[left] + ending.slice(cut);
    // A merge may spell a token that there is already.
    const made = vocab.get(token) ?? tokens.push(token) - 1;
    vocab.set(token, made);
    lastMerge.set(pair, merges.length);
    merges.push({ pair, ids: [left, right, made] });
    learner.merge(pair, made);
    if (merges.length % MERGES_A_REPORT === 0) report();
    const wait = loop.turnIfDue();
    if (wait) await wait;
  }
  report();
  options.signal?.throwIfAborted();
  const last = merges.filter(({ pair }, i) => lastMerge.get(pair) === i);
  return Int32Array.from(last.flatMap(({ ids }) => ids));
}

function limitsOf(options: MergeOptions, symbols: number): MergeLimits {
  return {
    minFrequency: options.minFrequency,
    maxSymbols: options.maxTokenLength ?? Number.POSITIVE_INFINITY,
    idLimit: Math.max(options.vocabSize, symbols),
  };
}
