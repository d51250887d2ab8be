import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { preTokenizerAt } from '../src/pre-tokenizers/read.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { digamma } from '../src/train/digamma.js';
import { suffixOrder } from '../src/train/suffix-order.js';
import { type TrainUnigramProgress, trainUnigram } from '../src/train/train-unigram.js';
import { golden } from './golden.js';
import { logProbability, type UnigramGolden } from './log-probability.js';

const { generated } = golden<UnigramGolden>('unigram.json');

describe('trainUnigram', () => {
  it('makes held-out text as probable as sentencepiece does', async () => {
    const tokenizer = await trainUnigram(generated.train, { vocabSize: generated.vocabSize });
    expect(tokenizer.vocabSize).toBe(generated.vocabSize);
    const own = logProbability(tokenizer, generated.heldOut);
    expect(own).toBeGreaterThan(generated.logProbability * 1.01);
  });

  it('has scores that are log probabilities', async () => {
    const tokenizer = await trainUnigram(generated.train, { vocabSize: 200 });
    const { model } = tokenizer.toJSON() as unknown as {
      model: { vocab: [string, number][]; unk_id: number };
    };
    expect(model.unk_id).toBe(0);
    expect(model.vocab.slice(0, 3)).toEqual([
      ['<unk>', 0],
      ['<s>', 0],
      ['</s>', 0],
    ]);
    const scores = model.vocab.slice(3).map(([, score]) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    expect(sum).toBeGreaterThan(0.9);
    expect(sum).toBeLessThan(1.001);
  });

  it('comes back from its file', async () => {
    const tokenizer = await trainUnigram(generated.train, { vocabSize: 200 });
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    for (const line of generated.heldOut.slice(0, 20)) {
      expect(again.encode(line).ids).toEqual(tokenizer.encode(line).ids);
      expect(again.decode(again.encode(line).ids)).toBe(line);
    }
  });

  it('reads special tokens in a text as text, as it does when it comes back', async () => {
    const tokenizer = await trainUnigram([...generated.train, '< s >'], {
      vocabSize: 250,
      characterCoverage: 1,
      preTokenizer: null,
    });
    const { ids } = tokenizer.encode('a<s>b');
    expect([...ids]).not.toContain(1);
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    expect(again.encode('a<s>b').ids).toEqual(ids);
  });

  it('writes unknown characters as bytes', async () => {
    const options = { vocabSize: 600, byteFallback: true };
    const tokenizer = await trainUnigram(generated.train, options);
    const { ids } = tokenizer.encode('ba ☃');
    expect([...ids].slice(-3).map((id) => tokenizer.tokenOf(id))).toEqual([
      '<0xE2>',
      '<0x98>',
      '<0x83>',
    ]);
    expect(tokenizer.decode(ids)).toBe('ba ☃');
  });

  it('has all characters that are not rare, and no others', async () => {
    const texts = [...Array.from({ length: 3000 }, () => 'ab'), 'abxab'];
    const tokenizer = await trainUnigram(texts, { vocabSize: 20, characterCoverage: 0.999 });
    expect(tokenizer.idOf('x')).toBeUndefined();
    for (const char of '▁ab') expect(tokenizer.idOf(char)).toBeDefined();
  });

  it('makes tokens of one script only, if not told otherwise', async () => {
    const texts = Array.from({ length: 60 }, (_, i) => `abc中文123ひカー${'!?.'[i % 3]}`);
    const tokens = async (splitByScript?: boolean): Promise<string[]> => {
      const tokenizer = await trainUnigram(texts, { vocabSize: 40, splitByScript });
      return Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenOf(id) ?? '');
    };
    expect(await tokens()).not.toContainEqual(expect.stringMatching(/c中|文1|3ひ/));
    expect(await tokens()).toContainEqual(expect.stringMatching(/ひカー/));
    expect(await tokens(false)).toContainEqual(expect.stringMatching(/c中/));
  });

  it('takes the bytes of pieces', async () => {
    const preTokenizer = preTokenizerAt({ type: 'ByteLevel', add_prefix_space: true }, 'x');
    const tokenizer = await trainUnigram(generated.train, { vocabSize: 300, preTokenizer });
    const line = generated.heldOut[0];
    expect(tokenizer.decode(tokenizer.encode(line).ids)).toBe(` ${line}`);
  });

  it('gives no token two ids', async () => {
    const specialTokens = ['<unk>', 'a', 'ab'];
    const texts = ['ab ab ab abc'];
    const tokenizer = await trainUnigram(texts, { vocabSize: 20, specialTokens });
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.tokenOf(id));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('learns long pieces without an underflow', async () => {
    const rare = Array.from({ length: 6000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    const tokenizer = await trainUnigram([rare, rare], {
      vocabSize: 7000,
      preTokenizer: null,
      characterCoverage: 1,
    });
    for (const score of scoresOf(tokenizer.toJSON())) expect(Number.isFinite(score)).toBe(true);
  });

  it('learns long tokens of characters that stand nowhere else', async () => {
    const rare = Array.from({ length: 200 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    const texts = Array.from({ length: 40 }, (_, i) => `${rare}${'ab'[i % 2]}`);
    const options = { vocabSize: 500, preTokenizer: null, maxTokenLength: 255 };
    const tokenizer = await trainUnigram(texts, options);
    expect(tokenizer.idOf(rare)).toBeDefined();
    for (const score of scoresOf(tokenizer.toJSON())) expect(Number.isFinite(score)).toBe(true);
  });

  it('reports, and stops when it is aborted', async () => {
    const seen: TrainUnigramProgress[] = [];
    const controller = new AbortController();
    const training = trainUnigram(generated.train, {
      vocabSize: 100,
      signal: controller.signal,
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.phase === 'prune') controller.abort(new Error('enough'));
      },
    });
    await expect(training).rejects.toThrow('enough');
    expect(seen.map(({ phase }) => phase)).toEqual(['read', 'prune']);
  });

  it.each([
    ['vocabSize', { vocabSize: 20 }],
    ['vocabSize', { vocabSize: 200, byteFallback: true }],
    ['specialTokens[1]', { vocabSize: 100, specialTokens: ['<unk>', '<unk>'] }],
    [
      'specialTokens[1]',
      { vocabSize: 500, specialTokens: ['<unk>', '<0x00>'], byteFallback: true },
    ],
    ['unkToken', { vocabSize: 100, specialTokens: ['<s>'] }],
    ['characterCoverage', { vocabSize: 100, characterCoverage: 0 }],
    ['shrinkingFactor', { vocabSize: 100, shrinkingFactor: 1 }],
    ['maxTokenLength', { vocabSize: 100, maxTokenLength: 256 }],
    ['seedSize', { vocabSize: 100, seedSize: 0 }],
    ['iterations', { vocabSize: 100, iterations: 0.5 }],
  ])('refuses %s in %j', async (argument, options) => {
    const error = await trainUnigram(generated.train, options).catch((thrown: unknown) => thrown);
    expect(HeddleError.is(error, 'invalid-argument') && error.details.argument).toBe(argument);
  });

  it('refuses texts without a word', async () => {
    await expect(trainUnigram([''], { vocabSize: 100 })).rejects.toThrow('texts');
  });
});

function scoresOf(json: unknown): number[] {
  return (json as { model: { vocab: [string, number][] } }).model.vocab.map(([, score]) => score);
}

describe('suffixOrder', () => {
  it('orders the suffixes of words', () => {
    const words = ['banana', 'ananas', 'nab', 'banana'];
    const text = Int32Array.from(words.join(''), (char) => char.charCodeAt(0) - 97);
    const ends = Int32Array.from([6, 12, 15, 21]);
    for (const most of [1, 2, 3, 16]) {
      const { order, lengths } = suffixOrder(text, ends, most);
      const suffixes = Array.from(order, (at) => words.join('').slice(at, at + lengths[at]));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from(text.keys()));
      expect(suffixes).toEqual([...suffixes].sort());
    }
  });
});

describe('digamma', () => {
  it.each([
    [1, -0.5772156649015329],
    [0.5, -1.9635100260214235],
    [10, 2.2517525890667214],
    [1e6, 13.815510057964191],
  ])('of %d', (x, expected) => expect(digamma(x)).toBeCloseTo(expected, 9));
});
