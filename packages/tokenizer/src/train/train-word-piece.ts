import { wordPieceDecoder } from '../decoders/word-piece.js';
import { wordPieceModel } from '../models/word-piece-model.js';
import type { PreTokenizer } from '../parts.js';
import { assemble, type TextTokenizer } from '../tokenizer.js';
import type { Texts } from './read-texts.js';
import { addedSpecialTokens, badArgument } from './train-options.js';
import { type TrainPairsOptions, trainPairs } from './train-pairs.js';

export interface TrainWordPieceOptions extends TrainPairsOptions {
  /** Cuts the texts into words; null for texts that are words. */
  readonly preTokenizer: PreTokenizer | null;
  /** One of the special tokens, which takes the place of words that cannot be written with the vocabulary. Default `[UNK]`. */
  readonly unkToken?: string;
  /** Longer words are unknown. Default 100. */
  readonly maxInputCharsPerWord?: number;
}

/** BERT's special tokens. */
const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * Trains a WordPiece tokenizer with the vocabulary of Hugging Face's `WordPieceTrainer`: that of BPE over characters
 * which have the prefix `##` inside of words. (That trainer numbers these characters by chance, which decides
 * between equally frequent pairs; here they come in the order of their code points.) The special tokens are
 * BERT's by default.
 *
 * @throws HeddleError `invalid-argument` for options out of range, or texts without a piece; what the source throws
 */
export async function trainWordPiece(
  texts: Texts,
  options: TrainWordPieceOptions,
): Promise<TextTokenizer> {
  const { specialTokens = SPECIAL_TOKENS, continuingSubwordPrefix = '##' } = options;
  const { unkToken = '[UNK]', maxInputCharsPerWord = 100 } = options;
  const { normalizer = null, preTokenizer, postProcessor = null } = options;
  if (!specialTokens.includes(unkToken)) {
    throw badArgument('unkToken', unkToken, 'it should be one of the special tokens');
  }
  const { vocab } = await trainPairs(texts, { ...options, specialTokens, continuingSubwordPrefix });
  const bytes = preTokenizer?.bytes ?? false;
  const settings = { unkToken, continuingSubwordPrefix, maxInputCharsPerWord, bytes };
  const { decoder = wordPieceDecoder(continuingSubwordPrefix, true) } = options;
  return assemble({
    addedTokens: addedSpecialTokens(specialTokens),
    normalizer,
    preTokenizer,
    model: wordPieceModel(vocab, settings),
    postProcessor,
    decoder,
  });
}
