import { byteFallbackDecoder } from '../decoders/byte-fallback.js';
import { byteLevelDecoder } from '../decoders/byte-level.js';
import { metaspaceDecoder } from '../decoders/metaspace.js';
import { sequenceDecoder } from '../decoders/sequence.js';
import { unigramModel } from '../models/unigram-model.js';
import type { Decoder } from '../parts.js';
import { metaspacePreTokenizer } from '../pre-tokenizers/metaspace.js';
import { assemble, type TextTokenizer } from '../tokenizer.js';
import { type LearntUnigram, type LearnUnigramOptions, learnUnigram } from './learn-unigram.js';
import type { Texts } from './read-texts.js';
import { addedSpecialTokens, badArgument } from './train-options.js';

export type { TrainUnigramProgress } from './learn-unigram.js';

export interface TrainUnigramOptions extends LearnUnigramOptions {
  /** One of the special tokens, which takes the place of characters that are not in the vocabulary. Default `<unk>`. */
  readonly unkToken?: string;
}

/** sentencepiece's special tokens. */
const SPECIAL_TOKENS = ['<unk>', '<s>', '</s>'];
/** Words begin with a mark for the space before them. */
const SPACES = { replacement: '▁', prependScheme: 'always', split: true } as const;

/**
 * Trains a unigram tokenizer (Kudo 2018) as sentencepiece does: its scores are log probabilities. Without a pre-tokenizer
 * of the caller's words begin with `▁` in the place of the space before them.
 *
 * Texts stream through: memory grows with the different pieces (words, roughly), not with the corpus. Pieces of
 * more than 16,384 UTF-16 units are cut.
 *
 * @throws HeddleError `invalid-argument` for options out of range, or texts without a piece; what the source throws
 */
export async function trainUnigram(
  texts: Texts,
  options: TrainUnigramOptions,
): Promise<TextTokenizer> {
  const { specialTokens = SPECIAL_TOKENS, unkToken = '<unk>', byteFallback = false } = options;
  const { preTokenizer = metaspacePreTokenizer(SPACES) } = options;
  const { normalizer = null, postProcessor = null } = options;
  const unkId = specialTokens.indexOf(unkToken);
  if (unkId < 0) throw badArgument('unkToken', unkToken, 'it should be one of the special tokens');
  const learnt = await learnUnigram(texts, { ...options, specialTokens, preTokenizer });
  const bytes = preTokenizer?.bytes ?? false;
  const { decoder = defaultDecoder(options) } = options;
  return assemble({
    addedTokens: addedSpecialTokens(specialTokens),
    normalizer,
    preTokenizer,
    model: unigramModel(...vocabularyOf(learnt), {
      ...{ unkId, byteFallback, bytes },
      special: new Set(specialTokens),
    }),
    postProcessor,
    decoder,
  });
}

function vocabularyOf(learnt: LearntUnigram): [Map<string, number>, Float64Array] {
  const vocab = new Map(learnt.map(({ token }, id) => [token, id]));
  return [vocab, Float64Array.from(learnt, ({ score }) => score)];
}

function defaultDecoder({ preTokenizer, byteFallback }: TrainUnigramOptions): Decoder | null {
  if (preTokenizer?.bytes) return byteLevelDecoder();
  if (preTokenizer !== undefined) return byteFallback ? byteFallbackDecoder() : null;
  const metaspace = metaspaceDecoder(SPACES);
  return byteFallback ? sequenceDecoder([byteFallbackDecoder(), metaspace]) : metaspace;
}
