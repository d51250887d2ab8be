import { HeddleError } from '@heddle/core';
import { characterText } from './characters.js';
import { countPieces } from './count-pieces.js';
import { EventLoop } from './event-loop.js';
import { LONGEST_TOKEN } from './expectation.js';
import type { ReadProgress, Texts } from './read-texts.js';

import {
  badArgument,
  checkSpecialTokens,
  checkVocabulary,
  checkWhole,
  nothingToLearn,
  type TrainOptions,
} from './train-options.js';
import { UnigramLearner } from './unigram-learner.js';
import { wordsOf } from './words.js';

export interface LearnUnigramOptions extends TrainOptions {
  /** Adds a token for each byte, `<0x00>` to `<0xFF>`, which unknown characters are written with. Default false. */
  readonly byteFallback?: boolean;
  /** The part of the texts, from 0 to 1, whose characters must all be in the vocabulary. Default 0.9995. */
  readonly characterCoverage?: number;
  /** Characters of a token at most. Default 16. */
  readonly maxTokenLength?: number;
  /** Substrings to begin with at most. Default 1,000,000. */
  readonly seedSize?: number;
  /** The part of the tokens that each round of pruning leaves. Default 0.75. */
  readonly shrinkingFactor?: number;
  /** Rounds of expectation maximisation between two prunings. Default 2. */
  readonly iterations?: number;
  /** No token has characters of several scripts; punctuation and digits are one. Default true, but false for bytes. */
  readonly splitByScript?: boolean;
  readonly onProgress?: (progress: TrainUnigramProgress) => void;
}

/** First all texts are read, then tokens are pruned. */
export type TrainUnigramProgress = ReadProgress | PruneProgress;

export interface PruneProgress {
  readonly phase: 'prune';
  /** Tokens that are left, and that are to be left before the last ones are taken away. */
  readonly tokens: number;
  readonly target: number;
  /** Different pieces seen. */
  readonly pieces: number;
}

/** Tokens by id. */
export type LearntUnigram = readonly { readonly token: string; readonly score: number }[];

/** Pruning stops at so many times the tokens wanted; the least probable are left out then. */
const LAST_SURPLUS = 1.1;

/** Special tokens and bytes, whose scores are 0, and then the tokens learnt, the most probable first. */
export async function learnUnigram(
  texts: Texts,
  options: LearnUnigramOptions,
): Promise<LearntUnigram> {
  const { vocabSize, specialTokens = [], normalizer = null, preTokenizer = null } = options;
  const { characterCoverage = 0.9995, seedSize = 1_000_000, onProgress, signal } = options;
  const bytes = preTokenizer?.bytes ?? false;
  const fixed = [...specialTokens, ...(options.byteFallback ? BYTE_TOKENS : [])];
  checkOptions(options, bytes);
  const count = options.countPieces ?? countPieces;
  const pieces = await count(texts, { normalizer, preTokenizer }, { onProgress, signal });
  const characters = characterText(wordsOf(pieces, bytes), characterCoverage);
  if (characters.text.length === 0) throw nothingToLearn();
  const least = fixed.length + characters.characters.length;
  if (least > vocabSize) throw tooManyCharacters(vocabSize, least);
  const { maxTokenLength = 16, splitByScript = !bytes } = options;
  const learner = new UnigramLearner(characters, { maxTokenLength, seedSize, splitByScript });
  await shrink(learner, options, pieces.size);
  // A token that spells a special one would have two ids.
  const learnt = learner.tokens(vocabSize - fixed.length, new Set(fixed));
  return [...fixed.map((token) => ({ token, score: 0 })), ...learnt];
}

/** Fits and prunes by turns. */
async function shrink(
  learner: UnigramLearner,
  options: LearnUnigramOptions,
  pieces: number,
): Promise<void> {
  const { vocabSize, shrinkingFactor = 0.75, iterations = 2, onProgress } = options;
  const loop = new EventLoop(options.signal);
  const target = Math.floor(vocabSize * LAST_SURPLUS);
  for (;;) {
    for (let round = 0; round < iterations; round++) {
      learner.fit();
      await loop.turnIfDue();
    }
    onProgress?.({ phase: 'prune', tokens: learner.size, target, pieces });
    await loop.turnIfDue();
    if (learner.size <= target) return;
    learner.prune(Math.max(target, Math.floor(learner.size * shrinkingFactor)));
  }
}

const BYTE_TOKENS = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
);

function checkOptions(options: LearnUnigramOptions, bytes: boolean): void {
  const { specialTokens = [], characterCoverage = 1, shrinkingFactor = 0.75 } = options;
  checkSpecialTokens(specialTokens, bytes);
  checkVocabulary(options.vocabSize, specialTokens, options.byteFallback ? BYTE_TOKENS : []);
  for (const [index, token] of specialTokens.entries()) {
    if (!options.byteFallback || !BYTE_TOKENS.includes(token)) continue;
    throw badArgument(`specialTokens[${index}]`, token, 'it is the token of a byte');
  }
  if (!(characterCoverage > 0 && characterCoverage <= 1)) {
    throw badArgument('characterCoverage', characterCoverage, 'it should be above 0, at most 1');
  }
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) {
    throw badArgument('shrinkingFactor', shrinkingFactor, 'it should be above 0 and below 1');
  }
  checkWhole('seedSize', options.seedSize, 1);
  checkWhole('iterations', options.iterations, 1);
  const { maxTokenLength = 16 } = options;
  checkWhole('maxTokenLength', maxTokenLength, 1);
  if (maxTokenLength > LONGEST_TOKEN) {
    throw badArgument('maxTokenLength', maxTokenLength, `it should be at most ${LONGEST_TOKEN}`);
  }
}

function tooManyCharacters(vocabSize: number, least: number): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `vocabSize is ${vocabSize}, but the special tokens and the characters of the texts are ${least} tokens already. Take a larger vocabulary, or a lower characterCoverage.`,
    { argument: 'vocabSize', given: vocabSize },
  );
}
