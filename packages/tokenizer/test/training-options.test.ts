import { describe, expect, it } from 'vitest';
import { preTokenizerAt } from '../src/pre-tokenizers/read.js';
import { trainBpe } from '../src/train/train-bpe.js';
import { trainWordPiece } from '../src/train/train-word-piece.js';
import { golden } from './golden.js';

interface OptionsCase {
  readonly name: string;
  readonly texts: readonly string[];
  readonly vocabSize: number;
  readonly minFrequency: number;
  readonly specialTokens?: readonly string[];
  readonly maxTokenLength?: number;
  readonly initialAlphabet?: readonly string[];
  readonly limitAlphabet?: number;
  readonly endOfWordSuffix?: string;
  readonly continuingSubwordPrefix?: string;
  readonly vocab: readonly string[];
  readonly merges?: readonly (readonly [string, string])[];
  /** The tokens that were not learnt, in the order that the run had. */
  readonly symbols: readonly string[];
}

interface TokenizerJson {
  readonly model: {
    readonly vocab: Record<string, number>;
    readonly merges?: readonly (readonly [string, string])[];
  };
}

const cases = golden<OptionsCase[]>('training-options.json');
const preTokenizer = preTokenizerAt({ type: 'WhitespaceSplit' }, 'pre_tokenizer');

describe.each(cases)('$name', ({ texts, vocab, merges, symbols, ...options }) => {
  const train = merges ? trainBpe : trainWordPiece;
  const named = options.continuingSubwordPrefix ?? options.endOfWordSuffix;

  it('gives the vocabulary of Hugging Face', async () => {
    const tokenizer = await train(texts, {
      ...options,
      preTokenizer,
      // Ids that were given by chance decide between pairs: take the same ones.
      specialTokens: named === undefined ? options.specialTokens : symbols,
    });
    const { model } = tokenizer.toJSON() as unknown as TokenizerJson;
    expect(Object.entries(model.vocab).sort((a, b) => a[1] - b[1])).toEqual(
      vocab.map((token, id) => [token, id]),
    );
    if (merges) expect(model.merges).toEqual(merges);
  });

  it.skipIf(named === undefined)('numbers its symbols in an order of its own', async () => {
    const tokenizer = await train(texts, { ...options, preTokenizer });
    const { model } = tokenizer.toJSON() as unknown as TokenizerJson;
    const first = Object.keys(model.vocab).filter((token) => model.vocab[token] < symbols.length);
    expect(first.sort()).toEqual([...symbols].sort());
    expect(Object.keys(model.vocab)).toHaveLength(vocab.length);
  });
});

describe('trainWordPiece', () => {
  const texts = ['hugging hugs hug pugs puns', 'hug hug pun'];

  it('makes a tokenizer that reads and writes words', async () => {
    const tokenizer = await trainWordPiece(texts, { vocabSize: 60, preTokenizer });
    const { ids } = tokenizer.encode('hugs puns x');
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe('hugs puns [UNK]');
    expect(tokenizer.idOf('[PAD]')).toBe(0);
  });

  it('wants its unknown token among the special ones', async () => {
    const training = trainWordPiece(texts, { vocabSize: 60, preTokenizer, unkToken: '<unk>' });
    await expect(training).rejects.toThrow('unkToken');
  });
});

describe('trainBpe over characters', () => {
  it('takes a normalizer', async () => {
    const { normalizerAt } = await import('../src/normalizers/read.js');
    const normalizer = normalizerAt({ type: 'Lowercase' }, 'normalizer');
    const tokenizer = await trainBpe(['Aa AA aA'], { vocabSize: 10, normalizer, preTokenizer });
    expect(tokenizer.tokenOf(0)).toBe('a');
    expect([...tokenizer.encode('AA').ids]).toEqual([1]);
  });

  it('takes whole texts for pieces without a pre-tokenizer', async () => {
    const tokenizer = await trainBpe(['a b', 'a b'], { vocabSize: 10, preTokenizer: null });
    expect([...tokenizer.encode('a b').ids].map((id) => tokenizer.tokenOf(id))).toEqual(['a b']);
  });

  it('reads lone surrogates as U+FFFD', async () => {
    const tokenizer = await trainBpe(['\ud800\ud800', '\ufffd\ufffd'], {
      vocabSize: 10,
      preTokenizer: null,
    });
    expect(tokenizer.tokenOf(1)).toBe('\ufffd\ufffd');
  });

  it('has a token for what is unknown', async () => {
    const unkToken = '<unk>';
    const options = { vocabSize: 10, preTokenizer, specialTokens: [unkToken], unkToken };
    const tokenizer = await trainBpe(['aa aa'], { ...options, fuseUnk: true });
    expect([...tokenizer.encode('xyaa').ids]).toEqual([0, 2]);
  });
});
