import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type TrainBpeProgress, tokenizerFromJson, trainBpe } from '../src/index.js';
import { golden, type TrainingCase } from './golden.js';

const cases = golden<TrainingCase[]>('training.json');

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: [string, string][] };
}

describe('trainBpe learns the merges of BpeTrainer', () => {
  it.each(cases)('on $name', async ({ texts, vocab, merges, ...options }) => {
    const { model } = (await trainBpe(texts, options)).toJSON() as unknown as TokenizerJson;
    expect(model.merges.map((pair) => pair.join(' '))).toEqual(merges);
    expect(Object.entries(model.vocab)).toHaveLength(vocab.length);
    for (const [id, token] of vocab.entries()) expect(model.vocab[token]).toBe(id);
  });

  it('and writes the very tokenizer.json that Hugging Face read', async () => {
    const texts = cases.flatMap((one) => one.texts);
    const tokenizer = await trainBpe(texts, {
      vocabSize: 1000,
      specialTokens: ['<|endoftext|>', '<|pad|>'],
    });
    expect(tokenizer.toJSON()).toEqual(golden('our-tokenizer.json'));
  });
});

describe('trainBpe', () => {
  const text = cases[0].texts.join('\n');

  it('takes texts that arrive one by one', async () => {
    async function* arriving(): AsyncGenerator<string> {
      for (const one of cases[0].texts) yield one;
    }
    const { vocabSize, minFrequency } = cases[0];
    const tokenizer = await trainBpe(arriving(), { vocabSize, minFrequency });
    const { model } = tokenizer.toJSON() as unknown as TokenizerJson;
    expect(model.merges.map((pair) => pair.join(' '))).toEqual(cases[0].merges);
  });

  it('reports both phases', async () => {
    const seen: TrainBpeProgress[] = [];
    await trainBpe([text], { vocabSize: 500, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]).toMatchObject({ phase: 'read', done: text.length });
    expect(seen.at(-1)).toMatchObject({ phase: 'merge', done: 244, total: 244 });
    expect(seen.length).toBeGreaterThan(3);
  });

  it('stops while reading', async () => {
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<string> {
      for (let i = 0; ; i++) {
        if (i === 10) controller.abort(new Error('enough'));
        yield text;
      }
    }
    const training = trainBpe(endless(), { vocabSize: 500, signal: controller.signal });
    await expect(training).rejects.toThrow('enough');
  });

  it('stops while merging', async () => {
    const controller = new AbortController();
    let merges = 0;
    const training = trainBpe([text], {
      vocabSize: 700,
      signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase !== 'merge') return;
        merges = done;
        controller.abort(new Error('enough'));
      },
    });
    await expect(training).rejects.toThrow('enough');
    expect(merges).toBe(64);
  });

  it('lets a timer abort it', async () => {
    const controller = new AbortController();
    function* endless(): Generator<string> {
      for (;;) yield text;
    }
    setTimeout(() => controller.abort(new Error('enough')), 10);
    const training = trainBpe(endless(), { vocabSize: 500, signal: controller.signal });
    await expect(training).rejects.toThrow('enough');
  });

  it('cuts a piece of a million letters', async () => {
    const tokenizer = await trainBpe(['x'.repeat(2 ** 20)], { vocabSize: 300 });
    // Fourteen doublings make a token of all that is left of the piece.
    expect(tokenizer.vocabSize).toBe(256 + 14);
    expect([...tokenizer.encode('x'.repeat(2 ** 14 + 1)).ids]).toEqual([269, 87]);
  });

  it('cuts long pieces beside a surrogate pair, not inside', async () => {
    const faces = await trainBpe([`x${'😀'.repeat(2 ** 14)}`], { vocabSize: 300 });
    expect(JSON.stringify(faces.toJSON())).not.toContain('ï¿½');
  });

  it('reads lone surrogates as U+FFFD', async () => {
    const broken = await trainBpe(['\ud800a \ud800a'], { vocabSize: 300 });
    const replaced = await trainBpe(['\ufffda \ufffda'], { vocabSize: 300 });
    expect(broken.toJSON()).toEqual(replaced.toJSON());
  });

  it('leaves special tokens out of the merges and finds them if asked', async () => {
    const tokenizer = await trainBpe([text], { vocabSize: 400, specialTokens: ['<|end|>'] });
    expect(tokenizer.idOf('<|end|>')).toBe(0);
    expect([...tokenizer.encode('<|end|>', { parseSpecialTokens: true }).ids]).toEqual([0]);
    expect([...tokenizer.encode('<|end|>').ids]).not.toContain(0);
  });

  it.each([
    ['vocabSize', { vocabSize: 255 }],
    ['vocabSize', { vocabSize: 257, specialTokens: ['<a>', '<b>'] }],
    ['vocabSize', { vocabSize: 300.5 }],
    ['vocabSize', { vocabSize: 1e9 }],
    ['minFrequency', { vocabSize: 300, minFrequency: -1 }],
    ['minFrequency', { vocabSize: 300, minFrequency: Number.NaN }],
    ['specialTokens[1]', { vocabSize: 300, specialTokens: ['<a>', '<a>'] }],
    ['specialTokens[0]', { vocabSize: 300, specialTokens: [''] }],
    ['specialTokens[0]', { vocabSize: 300, specialTokens: ['a'] }],
    ['specialTokens[0]', { vocabSize: 300, specialTokens: ['\ud800'] }],
    ['unkToken', { vocabSize: 300, unkToken: '<unk>' }],
    ['limitAlphabet', { vocabSize: 300, limitAlphabet: 0 }],
    ['maxTokenLength', { vocabSize: 300, maxTokenLength: 1.5 }],
    ['initialAlphabet[1]', { vocabSize: 300, initialAlphabet: ['a', 'bc'] }],
    ['initialAlphabet[0]', { vocabSize: 300, initialAlphabet: ['\udc00'] }],
    ['endOfWordSuffix', { vocabSize: 300, endOfWordSuffix: '\ud800' }],
    ['vocabSize', { vocabSize: 3, preTokenizer: null }],
  ])('refuses %s in %j', async (argument, options) => {
    const error = await trainBpe([text], options).catch((thrown: unknown) => thrown);
    expect(HeddleError.is(error, 'invalid-argument') && error.details.argument).toBe(argument);
  });

  it.each([
    ['no text', []],
    ['empty texts', ['', '']],
    ['what is not text', ['a', 5 as unknown as string]],
  ])('refuses %s', async (_, texts) => {
    const error = await trainBpe(texts, { vocabSize: 300 }).catch((thrown: unknown) => thrown);
    expect(HeddleError.is(error, 'invalid-argument') && error.details.argument).toBe('texts');
  });

  it('hands on what the source throws', async () => {
    const broken = new Error('the source broke');
    function* breaking(): Generator<string> {
      yield text;
      throw broken;
    }
    await expect(trainBpe(breaking(), { vocabSize: 300 })).rejects.toBe(broken);
  });

  it('keeps tokens that are named like properties of objects', async () => {
    const tokenizer = await trainBpe(['__proto__ constructor '.repeat(40)], { vocabSize: 320 });
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    const { ids } = again.encode('__proto__ constructor');
    expect([...ids].map((id) => again.tokenOf(id))).toEqual(['__', 'proto', '__', 'Ġconstructor']);
    expect(again.idOf('toString')).toBeUndefined();
  });
});
