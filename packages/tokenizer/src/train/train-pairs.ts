import { HeddleError } from '@heddle/core';
import { type AlphabetOptions, alphabetOf } from './alphabet.js';
import { countPieces } from './count-pieces.js';
import { learnMerges, type MergeProgress } from './learn-merges.js';
import type { ReadProgress, Texts } from './read-texts.js';
import { type SymbolNames, symbolize } from './symbols.js';
import {
  badArgument,
  checkSpecialTokens,
  checkVocabulary,
  checkWhole,
  nothingToLearn,
  type TrainOptions,
} from './train-options.js';
import { wordsOf } from './words.js';

/** First all texts are read, then merges are learnt. */
export type TrainPairsProgress = ReadProgress | MergeProgress;

export interface TrainPairsOptions extends TrainOptions, AlphabetOptions, SymbolNames {
  /** A pair that stands in the corpus less often is not merged. Default 2. */
  readonly minFrequency?: number;
  /** Two tokens that have as many characters together, or more, are not merged. Default: no limit. */
  readonly maxTokenLength?: number;
  readonly onProgress?: (progress: TrainPairsProgress) => void;
}

export interface LearntPairs {
  readonly vocab: Map<string, number>;
  /** Three ids each: two tokens that stand side by side, and the one that takes their place. */
  readonly merges: Int32Array;
}

/** The vocabulary and merges of `BpeTrainer` of Hugging Face's tokenizers. */
export async function trainPairs(texts: Texts, options: TrainPairsOptions): Promise<LearntPairs> {
  const { vocabSize, specialTokens = [], minFrequency = 2, onProgress, signal } = options;
  const { normalizer = null, preTokenizer = null } = options;
  const bytes = preTokenizer?.bytes ?? false;
  const initialAlphabet = [...(options.initialAlphabet ?? [])];
  checkOptions(options, initialAlphabet, bytes);
  const count = options.countPieces ?? countPieces;
  const pieces = await count(texts, { normalizer, preTokenizer }, { onProgress, signal });
  if (pieces.size === 0) throw nothingToLearn();
  const words = wordsOf(pieces, bytes);
  const vocab = new Map(specialTokens.map((token, id) => [token, id]));
  for (const char of alphabetOf(words, { ...options, initialAlphabet })) {
    if (!vocab.has(char)) vocab.set(char, vocab.size);
  }
  const symbols = symbolize(words, vocab, options);
  if (vocab.size > vocabSize) throw alphabetTooLarge(vocabSize, vocab.size);
  const merges = await learnMerges(symbols, vocab, { ...options, minFrequency });
  return { vocab, merges };
}

function checkOptions(
  options: TrainPairsOptions,
  initialAlphabet: readonly string[],
  bytes: boolean,
): void {
  const { specialTokens = [], limitAlphabet, minFrequency = 2 } = options;
  checkSpecialTokens(specialTokens, bytes);
  checkVocabulary(
    options.vocabSize,
    specialTokens,
    limitAlphabet === undefined ? initialAlphabet : [],
  );
  for (const [i, char] of initialAlphabet.entries()) {
    if ([...char].length === 1 && !/\p{Surrogate}/u.test(char)) continue;
    throw badArgument(`initialAlphabet[${i}]`, char, 'it should be one character');
  }
  checkWhole('limitAlphabet', limitAlphabet, 1);
  checkWhole('maxTokenLength', options.maxTokenLength, 1);
  if (!(minFrequency >= 0 && minFrequency <= Number.MAX_SAFE_INTEGER)) {
    throw badArgument('minFrequency', minFrequency, 'it should be 0 or more');
  }
  for (const name of ['continuingSubwordPrefix', 'endOfWordSuffix'] as const) {
    const given = options[name];
    if (given !== undefined && /\p{Surrogate}/u.test(given)) {
      throw badArgument(name, given, 'it is not Unicode text');
    }
  }
}

function alphabetTooLarge(vocabSize: number, needed: number): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `vocabSize is ${vocabSize}, but the special tokens and the characters of the texts are ${needed} tokens already. Take a larger vocabulary, or limitAlphabet.`,
    { argument: 'vocabSize', given: vocabSize },
  );
}
