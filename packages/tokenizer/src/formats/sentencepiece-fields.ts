import type { PieceType } from './sentencepiece-content.js';

/** The numbers of fields of `sentencepiece_model.proto`, as far as they are read or written. */

export const MODEL = { piece: 1, trainerSpec: 2, normalizerSpec: 3 } as const;

export const PIECE = { text: 1, score: 2, type: 3 } as const;

export const TRAINER = {
  modelType: 3,
  vocabSize: 4,
  whitespaceAsSuffix: 24,
  byteFallback: 35,
  unkId: 40,
  bosId: 41,
  eosId: 42,
  padId: 43,
  unkPiece: 45,
  bosPiece: 46,
  eosPiece: 47,
  padPiece: 48,
} as const;

export const NORMALIZER = {
  name: 1,
  charsmap: 2,
  addDummyPrefix: 3,
  removeExtraWhitespaces: 4,
  escapeWhitespaces: 5,
} as const;

export const UNIGRAM = 1;
export const BPE = 2;

/** The types of pieces, by number. */
export const PIECE_TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  'normal',
  'unknown',
  'control',
  'user-defined',
  'unused',
  'byte',
];
