import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type TrainBpeProgress, tokenizerFromJson, trainBpe } from '../src/index.js';
import { golden, type TrainingCase } from './golden.js';

const cases = golden<TrainingCase[]>('training.json');

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: string[] };
}

describe('trainBpe learns the merges of BpeTrainer', () => {
  it.each(cases)('on $name', async ({ texts, vocab, merges, ...options }) => {
    const { model } = (await trainBpe(texts, options)).toJSON() as unknown as TokenizerJson;
    expect(model.merges).toEqual(merges);
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
    expect(model.merges).toEqual(cases[0].merges);
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
        setTimeout(() => controller.abort(new Error('enough')));
      },
    });
    await expect(training).rejects.toThrow('enough');
    expect(merges).toBe(64);
  });

  it('handles one piece of a million letters', async () => {
    const tokenizer = await trainBpe(['x'.repeat(2 ** 20)], { vocabSize: 300 });
    const { ids } = tokenizer.encode('x'.repeat(2 ** 20));
    // Nineteen doublings leave two tokens of 2^19, a pair that stands once.
    expect(tokenizer.vocabSize).toBe(256 + 19);
    expect([...ids]).toEqual([274, 274]);
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
  ])('refuses %s in %j', async (argument, options) => {
    const error = await trainBpe([text], options).catch((thrown: unknown) => thrown);
    expect(HeddleError.is(error, 'invalid-argument') && error.details.argument).toBe(argument);
  });

  it('keeps tokens that are named like properties of objects', async () => {
    const tokenizer = await trainBpe(['__proto__ constructor '.repeat(40)], { vocabSize: 320 });
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(tokenizer.toJSON())));
    const { ids } = again.encode('__proto__ constructor');
    expect([...ids].map((id) => again.tokenOf(id))).toEqual(['__', 'proto', '__', 'Ġconstructor']);
    expect(again.idOf('toString')).toBeUndefined();
  });
});
