import { BYTE_CHARS } from '../byte-alphabet.js';
import { byteLevelDecoder } from '../decoders/byte-level.js';
import { bpeModel } from '../models/bpe-model.js';
import { byteLevelPreTokenizer } from '../pre-tokenizers/byte-level.js';
import { scanInWasm } from '../scanner/scan-in-wasm.js';
import { assemble, type TextTokenizer } from '../tokenizer.js';
import type { Texts } from './read-texts.js';
import { addedSpecialTokens, badArgument } from './train-options.js';
import { type TrainPairsOptions, type TrainPairsProgress, trainPairs } from './train-pairs.js';

export interface TrainBpeOptions extends TrainPairsOptions {
  /** One of the special tokens, which takes the place of characters that are not in the vocabulary. Default: none. */
  readonly unkToken?: string;
  /** One such token for a whole run of them. */
  readonly fuseUnk?: boolean;
}

export type TrainBpeProgress = TrainPairsProgress;

/**
 * Trains a BPE tokenizer (Sennrich et al. 2016). The vocabulary and the merges are those of Hugging Face's
 * `BpeTrainer` on the same texts; the vocabulary is smaller than `vocabSize` where the texts have not enough
 * pairs. Without a pre-tokenizer of the caller's it is byte-level with GPT-2's split pattern. For a pre-tokenizer
 * that asks for bytes the alphabet holds all 256, unless `initialAlphabet` is given.
 *
 * Texts stream through: memory grows with the different pieces (words, roughly), not with the corpus. Pieces of
 * more than 16,384 UTF-16 units are cut.
 *
 * @throws HeddleError `invalid-argument` for options out of range, or texts without a piece; what the source throws
 */
export async function trainBpe(texts: Texts, options: TrainBpeOptions): Promise<TextTokenizer> {
  const { specialTokens = [], normalizer = null, postProcessor = null, unkToken } = options;
  const { continuingSubwordPrefix, endOfWordSuffix, fuseUnk } = options;
  const { preTokenizer = byteLevelPreTokenizer({ addPrefixSpace: false }) } = options;
  const bytes = preTokenizer?.bytes ?? false;
  if (unkToken !== undefined && !specialTokens.includes(unkToken)) {
    throw badArgument('unkToken', unkToken, 'it should be one of the special tokens');
  }
  const { initialAlphabet = bytes ? BYTE_CHARS : [] } = options;
  const { vocab, merges } = await trainPairs(texts, { ...options, preTokenizer, initialAlphabet });
  return assemble({
    addedTokens: addedSpecialTokens(specialTokens),
    normalizer,
    preTokenizer,
    accelerate: scanInWasm,
    model: bpeModel(vocab, merges, {
      symbols: bytes ? 'bytes' : 'characters',
      unkToken,
      fuseUnk,
      continuingSubwordPrefix,
      endOfWordSuffix,
    }),
    postProcessor,
    decoder: options.decoder ?? (bytes ? byteLevelDecoder() : null),
  });
}
