import { HeddleError, type Json } from '@heddle/core';
import { BYTE_CHARS } from '../byte-alphabet.js';
import { MOST_TOKENS } from '../limits.js';
import type { AddedToken, Decoder, Normalizer, PostProcessor, PreTokenizer } from '../parts.js';
import type { CountPieces } from './count-pieces.js';

/** What the training of every kind of vocabulary takes. */
export interface TrainOptions {
  /** Entries of the vocabulary at most, special tokens and alphabet included. */
  readonly vocabSize: number;
  /** They get the ids from 0 on. */
  readonly specialTokens?: readonly string[];
  /** Parts of the tokenizer; the texts pass the first two. */
  readonly normalizer?: Normalizer | null;
  readonly preTokenizer?: PreTokenizer | null;
  readonly postProcessor?: PostProcessor | null;
  readonly decoder?: Decoder | null;
  /** How the pieces of the texts are counted. Default: in this thread; `countInWorkers` of the Node entry uses several. */
  readonly countPieces?: CountPieces;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Special tokens as a tokenizer adds them: found in the text before it is normalized. */
export function addedSpecialTokens(contents: readonly string[]): AddedToken[] {
  return contents.map((content, id) => ({
    id,
    content,
    special: true,
    normalized: false,
    lstrip: false,
    rstrip: false,
    singleWord: false,
  }));
}

export function badArgument(argument: string, given: Json, reason: string): HeddleError {
  const shown = JSON.stringify(given);
  return new HeddleError('invalid-argument', `${argument} is ${shown}; ${reason}.`, {
    argument,
    given,
  });
}

/** Refuses what cannot be a vocabulary, before a text is read. */
export function checkVocabulary(
  vocabSize: number,
  specialTokens: readonly string[],
  alphabet: readonly string[],
): void {
  const least = Math.max(1, new Set([...specialTokens, ...alphabet]).size);
  if (!Number.isInteger(vocabSize) || vocabSize < least || vocabSize > MOST_TOKENS) {
    const contents = `${specialTokens.length} special tokens and an alphabet of ${alphabet.length}`;
    const reason = `it should be a whole number from ${least} (${contents}) to ${MOST_TOKENS}`;
    throw badArgument('vocabSize', vocabSize, reason);
  }
}

/** @param bytes whether tokens are made of the byte alphabet */
export function checkSpecialTokens(specialTokens: readonly string[], bytes: boolean): void {
  for (const [index, token] of specialTokens.entries()) {
    const argument = `specialTokens[${index}]`;
    if (token === '' || /\p{Surrogate}/u.test(token)) {
      throw badArgument(argument, token, 'it is empty or not Unicode text');
    }
    if (specialTokens.indexOf(token) !== index) {
      throw badArgument(argument, token, 'it stands there twice');
    }
    if (bytes && BYTE_CHARS.includes(token)) {
      throw badArgument(argument, token, 'it is the token of a single byte');
    }
  }
}

/** Refuses a number that is not a whole one of at least `least`. */
export function checkWhole(argument: string, given: number | undefined, least: number): void {
  if (given === undefined || (Number.isSafeInteger(given) && given >= least)) return;
  throw badArgument(argument, given, `it should be a whole number from ${least} on`);
}

export function nothingToLearn(): HeddleError {
  return new HeddleError(
    'invalid-argument',
    'texts: there is not one piece of text in them; give at least one text that is not empty.',
    { argument: 'texts', given: null },
  );
}
