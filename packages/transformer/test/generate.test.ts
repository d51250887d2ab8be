import { randomWords, rngKey, sizeOf, type Tokenizer } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { assign, tensor, toBf16 } from '@heddle/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { TextStream } from '../src/generate/text-stream.js';
import { bert, type GeneratedToken, type GenerateOptions, generate, gpt2 } from '../src/index.js';
import { loadGolden } from './golden.js';

const backend = cpu();
afterAll(() => backend[Symbol.asyncDispose]());

const gpt = await loadGolden('gpt2', backend);
const base = {
  model: gpt.model,
  params: gpt.params,
  backend,
  prompt: [7, 3, 19, 42],
  maxTokens: 20,
};

async function collect(options: GenerateOptions): Promise<GeneratedToken[]> {
  const tokens: GeneratedToken[] = [];
  for await (const token of generate(options)) tokens.push(token);
  return tokens;
}

const idsOf = async (options: GenerateOptions): Promise<number[]> =>
  (await collect(options)).map(({ id }) => id);

const textOf = (tokens: readonly GeneratedToken[]): string =>
  tokens.map(({ text }) => text).join('');

/** One or more bytes of UTF-8 for each id. */
function byteTokenizer(pieces: readonly (readonly number[])[]): Tokenizer {
  return {
    vocabSize: pieces.length,
    encode: () => ({ ids: new Int32Array() }),
    decode: (ids) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        Uint8Array.from(Array.from(ids).flatMap((id) => [...pieces[id]])),
      ),
    idOf: () => undefined,
    tokenOf: () => undefined,
    toJSON: () => null,
  };
}

const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)];

/**
 * A model that says the given ids one after the other, whatever it reads: positions are one-hot,
 * blocks add nothing, and the head reads the position. For prompts of one token.
 */
function scripted(script: readonly number[], vocabSize: number) {
  const model = gpt2({
    ...{ vocab_size: vocabSize, n_positions: 64, n_embd: 64, n_layer: 1, n_head: 1 },
    tie_word_embeddings: false,
  });
  const params = model.init(rngKey(1), backend);
  const fill = (name: string, value: (row: number, column: number) => number): void => {
    const { shape } = params[name];
    const columns = shape[shape.length - 1];
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
      value(Math.floor(i / columns), i % columns),
    );
    assign(params[name], tensor(backend, data, shape));
  };
  for (const name of Object.keys(params)) if (!name.includes('ln_')) fill(name, () => 0);
  fill('transformer.wpe.weight', (row, column) => (row === column ? 1 : 0));
  fill('lm_head.weight', (id, position) => (script[position] === id ? 9 : 0));
  return { model, params };
}

describe('weights in bf16', () => {
  it.each(['gpt2', 'llama'])(
    '%s: logits close to those of f32, with and without a cache',
    async (name) => {
      const { model, params } = await loadGolden(name, backend);
      const small = toBf16(params);
      const ids = tensor(backend, [7, 3, 19, 42], [1, 4], 'i32');
      const context = { backend, train: false, key: rngKey(1) };
      const exact = await model.apply(params, { ids }, context).read();
      const rounded = await model.apply(small, { ids }, context).read();
      const largest = Math.max(...Array.from(exact, Math.abs));
      exact.forEach((x, i) => {
        expect(Math.abs(rounded[i] - x)).toBeLessThan(0.02 * largest);
      });
      expect(rounded).not.toEqual(exact);
      const options = {
        model,
        params: small,
        backend,
        prompt: [7, 3, 19, 42],
        maxTokens: 8,
        temperature: 0,
      };
      const { createCache: _, ...without } = model;
      expect(await idsOf(options)).toEqual(await idsOf({ ...options, model: without }));
      for (const x of Object.values(small)) x.dispose();
    },
  );
});

describe('greedy generation', () => {
  it.each(['gpt2', 'llama'])(
    'of %s is that of transformers, with and without cache',
    async (family) => {
      const { model, params, reference } = await loadGolden(family, backend);
      const { prompt = [], greedy = [] } = reference;
      const options = { model, params, backend, prompt, maxTokens: greedy.length, temperature: 0 };
      expect(await idsOf(options)).toEqual(greedy);
      const { createCache: _, ...without } = model;
      expect(await idsOf({ ...options, model: without })).toEqual(greedy);
    },
  );
});

describe('generate', () => {
  it('repeats itself with a seed, and differs with another', async () => {
    const first = await idsOf({ ...base, seed: 1 });
    expect(first).toHaveLength(20);
    expect(await idsOf({ ...base, seed: 1 })).toEqual(first);
    expect(await idsOf({ ...base, seed: 2 })).not.toEqual(first);
    const { createCache: _, ...without } = gpt.model;
    expect(await idsOf({ ...base, model: without, seed: 1 })).toEqual(first);
  });

  it('ends after an end-of-text id, given or of the configuration', async () => {
    const greedy = gpt.reference.greedy!;
    const at = greedy.indexOf(48);
    const tokens = await collect({ ...base, temperature: 0, eos: [60, 48] });
    expect(tokens.map(({ id }) => id)).toEqual(greedy.slice(0, at + 1));
    expect(tokens.at(-1)?.finishReason).toBe('eos');
    const model = { ...gpt.model, config: { ...gpt.model.config, eos_token_id: 48 } };
    expect(await idsOf({ ...base, model, temperature: 0 })).toEqual(greedy.slice(0, at + 1));
    const elsewhere = { ...gpt.model, config: { ...gpt.model.config, eos_token_id: 50256 } };
    const all = await collect({ ...base, model: elsewhere, temperature: 0 });
    expect(all).toHaveLength(20);
    expect(all.at(-1)?.finishReason).toBe('length');
    expect(all.slice(0, -1).every((token) => token.finishReason === undefined)).toBe(true);
  });

  it('slides over the context, with and without cache alike', async () => {
    const options = { ...base, maxTokens: 60, temperature: 0, overflow: 'slide' } as const;
    const ids = await idsOf(options);
    expect(ids).toHaveLength(60);
    expect(ids.slice(0, 20)).toEqual(gpt.reference.greedy);
    const { createCache: _, ...without } = gpt.model;
    expect(await idsOf({ ...options, model: without })).toEqual(ids);
    // A prompt longer than the context counts with its end.
    const long = Array.from({ length: 40 }, (_, i) => (i * 7) % 61);
    const fromLong = await idsOf({ ...options, prompt: long, maxTokens: 1 });
    expect(await idsOf({ ...options, prompt: long.slice(-24), maxTokens: 1 })).toEqual(fromLong);
  });

  it('refuses what does not fit the context, before anything is computed', async () => {
    const tooLong = expect.objectContaining({
      code: 'transformer/context-length',
      details: { asked: 25, limit: 24 },
    });
    await expect(collect({ ...base, maxTokens: 22 })).rejects.toThrow(tooLong);
    expect(await collect({ ...base, maxTokens: 21 })).toHaveLength(21);
  });

  it('gives all memory back: at the end, when left early, when aborted', async () => {
    const before = backend.memory().live;
    await collect(base);
    expect(backend.memory().live).toBe(before);
    for await (const { id } of generate(base)) if (id >= 0) break;
    expect(backend.memory().live).toBe(before);
    const abort = new AbortController();
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const { id } of generate({ ...base, signal: abort.signal })) {
        seen.push(id);
        if (seen.length === 3) abort.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toThrow('enough');
    expect(seen).toHaveLength(3);
    expect(backend.memory().live).toBe(before);
  });

  it('needs no more memory for later tokens than for the first', async () => {
    const live: number[] = [];
    for await (const { id } of generate({ ...base, eos: [] }))
      if (id >= 0) live.push(backend.memory().live);
    expect(new Set(live).size).toBe(1);
  });

  it.each([
    [{ maxTokens: 0 }, 'maxTokens'],
    [{ maxTokens: 1.5 }, 'maxTokens'],
    [{ prompt: [] }, 'prompt'],
    [{ seed: 0.5 }, 'seed'],
    [{ stop: ['x'] }, 'stop'],
    [{ temperature: -1 }, 'temperature'],
    [{ overflow: 'wrap' as never }, 'overflow'],
  ])('refuses %j', async (part, argument) => {
    await expect(collect({ ...base, ...part })).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        details: expect.objectContaining({ argument }),
      }),
    );
  });

  it('refuses ids outside the vocabulary and bidirectional models', async () => {
    await expect(collect({ ...base, prompt: [1, 61] })).rejects.toThrow(
      expect.objectContaining({ code: 'transformer/token-id' }),
    );
    const model = bert({
      vocab_size: 61,
      hidden_size: 16,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 8,
    });
    await expect(collect({ ...base, model })).rejects.toThrow('bidirectional');
  });
});

describe('generated text', () => {
  const grin = utf8('😀');
  const pieces = [
    utf8('<'),
    utf8('a'),
    utf8('b'),
    grin.slice(0, 2),
    grin.slice(2),
    utf8(' st'),
    utf8('op!'),
    [0xff],
    utf8('xx'),
  ];
  const tokenizer = byteTokenizer(pieces);
  const say = async (script: readonly number[], part: Partial<GenerateOptions> = {}) =>
    collect({
      ...scripted(script, pieces.length),
      ...{ backend, tokenizer, prompt: [0], maxTokens: script.length, temperature: 0, ...part },
    });

  it('is that of the ids, in whole characters', async () => {
    const tokens = await say([1, 3, 4, 2]);
    expect(tokens.map(({ id }) => id)).toEqual([1, 3, 4, 2]);
    expect(tokens.map(({ text }) => text)).toEqual(['a', '', '😀', 'b']);
  });

  it('shows bytes that never became a character at the end', async () => {
    expect(textOf(await say([1, 3]))).toBe('a\ufffd');
    expect(textOf(await say([1, 7, 2]))).toBe('a\ufffdb');
    expect(textOf(await say([1, 3, 0], { eos: 0 }))).toBe('a\ufffd');
  });

  it('is, joined, what the tokenizer says of all ids, whatever the bytes', async () => {
    const bytes = byteTokenizer(Array.from({ length: 256 }, (_, byte) => [byte]));
    const samples = ['naïve 😀 日本語', '\ufffd \u{10ffff}x', 'e\u0301'].map(utf8);
    for (let seed = 0; seed < 30; seed++)
      samples.push([...randomWords(rngKey(seed), 24)].map((w) => w & 255));
    for (const sample of samples) {
      const stream = new TextStream(bytes, utf8('prompt'));
      const joined = sample.map((id) => stream.push(id)).join('') + stream.end();
      expect(joined).toBe(bytes.decode(sample));
    }
  });

  it('ends before a stop string that lies across tokens, and shows nothing of it', async () => {
    const tokens = await say([1, 5, 6, 2, 2], { stop: ['stop', 'never'] });
    expect(tokens.map(({ text }) => text)).toEqual(['a', ' ', '']);
    expect(tokens.at(-1)?.finishReason).toBe('stop');
  });

  it('holds back what could begin a stop string until it does not', async () => {
    const tokens = await say([5, 1, 2], { stop: ['stop'] });
    expect(tokens.map(({ text }) => text)).toEqual([' ', 'sta', 'b']);
    expect(textOf(await say([1, 5], { stop: ['stop'] }))).toBe('a st');
    expect(textOf(await say([1, 5, 0], { stop: ['stop'], eos: 0 }))).toBe('a st');
  });

  it('ends at the earliest of several stop strings', async () => {
    expect(textOf(await say([1, 2, 5, 6], { stop: ['op', 'b st', 'stop'] }))).toBe('a');
    expect(textOf(await say([8, 8, 1], { stop: ['xxxa'] }))).toBe('x');
  });
});
