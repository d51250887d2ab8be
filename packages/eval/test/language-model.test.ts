import {
  type Document,
  type LanguageModel,
  type Params,
  rngKey,
  type Tokenizer,
} from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { embedding, tensor } from '@heddle/tensor';
import { gpt2 } from '@heddle/transformer';
import { describe, expect, it } from 'vitest';
import { evaluateLanguageModel, formatReport } from '../src/index.js';

const backend = cpu({ threads: 1 });
const START = 4;

/** The letters a to d, and a start token. */
const letters = (start = true): Tokenizer => ({
  vocabSize: 5,
  encode(text, { offsets = false } = {}) {
    const ids = Int32Array.from(text, (letter) => letter.charCodeAt(0) - 97);
    const spans = Int32Array.from({ length: 2 * ids.length }, (_, i) => Math.ceil(i / 2));
    return offsets ? { ids, offsets: spans } : { ids };
  },
  decode: (ids) => String.fromCharCode(...Array.from(ids, (id) => id + 97)),
  idOf: (token) => (start && token === '<s>' ? START : undefined),
  tokenOf: () => undefined,
  toJSON: () => null,
});

/** Probabilities of the next letter after each token: a bigram table. */
const table = [
  [0.1, 0.6, 0.1, 0.1, 0.1],
  [0.2, 0.2, 0.4, 0.1, 0.1],
  [0.5, 0.1, 0.1, 0.2, 0.1],
  [0.25, 0.25, 0.25, 0.15, 0.1],
  [0.7, 0.1, 0.05, 0.05, 0.1],
];
const bigram = (contextLength: number): { model: LanguageModel; params: Params } => {
  const hidden: LanguageModel['hidden'] = (params, { ids }) => embedding(params.table, ids);
  const params = { table: tensor(backend, Float32Array.from(table.flat(), Math.log), [5, 5]) };
  const model: LanguageModel = {
    config: { model_type: 'bigram' },
    vocabSize: 5,
    hiddenSize: 5,
    contextLength,
    causal: true,
    init: () => params,
    hidden,
    logits: (_, x) => x,
    apply: (p, input, context) => hidden(p, input, context),
  };
  return { model, params };
};
const documents = (texts: readonly string[]): Document[] =>
  texts.map((text, i) => ({ id: String(i), text, meta: {} }));
const texts = ['abca', 'b', '', 'abcabcabd', 'dddd'];

/** -log p of each letter of a text, by the table. */
const losses = (text: string, start: boolean): number[] => {
  const ids = [...(start ? [START] : []), ...letters().encode(text).ids];
  return ids.slice(1).map((id, i) => -Math.log(table[ids[i]][id]));
};
const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('evaluateLanguageModel on documents', () => {
  it.each([1, 2, 3, 16])(
    'a bigram model with a context of %i: the table by hand',
    async (context) => {
      const result = await evaluateLanguageModel({
        ...bigram(context),
        backend,
        documents: documents(texts),
        tokenizer: letters(),
        rows: 3,
      });
      const all = texts.flatMap((text) => losses(text, true));
      expect(result.tokens).toBe(18);
      expect(result.bytes).toBe(18);
      expect(result.loss.value).toBeCloseTo(sumOf(all) / 18, 6);
      expect(result.loss.count).toBe(4); // the empty one says nothing
      expect(result.perplexity.value).toBeCloseTo(Math.exp(sumOf(all) / 18), 5);
      expect(result.bitsPerByte?.value).toBeCloseTo(sumOf(all) / 18 / Math.LN2, 6);
      const mean = sumOf(all) / 18;
      const residuals = texts.map((t) => sumOf(losses(t, true)) - mean * t.length);
      const error = Math.sqrt((4 / 3) * sumOf(residuals.map((r) => r * r))) / 18;
      expect(result.loss.standardError).toBeCloseTo(error, 6);
      expect(formatReport({ rows: [{ name: 'bigram', estimates: result.estimates }] })).toContain(
        '±',
      );
    },
  );

  it.each([
    ['the tokenizer knows none', letters(false), undefined],
    ['none is wanted', letters(), null],
  ] as const)(
    'without a start token (%s) first tokens and their bytes do not count',
    async (_, tokenizer, startToken) => {
      const result = await evaluateLanguageModel({
        ...bigram(4),
        backend,
        documents: documents(texts),
        tokenizer,
        ...(startToken === null ? { startToken } : {}),
      });
      const all = texts.flatMap((text) => losses(text, false));
      expect([result.tokens, result.bytes]).toEqual([all.length, all.length]);
      expect(result.loss.value).toBeCloseTo(sumOf(all) / all.length, 6);
    },
  );

  const transformer = gpt2({
    vocab_size: 5,
    n_positions: 8,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    initializer_range: 0.5,
  });
  const params = transformer.init(rngKey(3), backend);
  const subject = { model: transformer, params, backend, tokenizer: letters() };

  it('a transformer gives a text the same loss alone and padded in a batch', async () => {
    const together = await evaluateLanguageModel({ ...subject, documents: documents(texts) });
    const alone = await Promise.all(
      texts
        .filter((text) => text.length > 0)
        .map((text) => evaluateLanguageModel({ ...subject, documents: documents([text]) })),
    );
    const total = sumOf(alone.map(({ loss, tokens }) => loss.value * tokens));
    expect(together.loss.value).toBeCloseTo(total / together.tokens, 6);
    expect(together.loss.standardError).toBeGreaterThan(0);
    expect(alone[0].loss.standardError).toBeUndefined();
  });

  it('with a stride of 1 every token sees all that fits before it', async () => {
    const text = 'abcdabdcbacdab'; // longer than the context
    const result = await evaluateLanguageModel({
      ...subject,
      documents: documents([text]),
      stride: 1,
    });
    const ids = [START, ...letters().encode(text).ids];
    let total = 0;
    for (let target = 1; target < ids.length; target++) {
      const before = ids.slice(Math.max(0, target - 8), target);
      const context = { backend, train: false, key: rngKey(0) };
      const input = { ids: tensor(backend, Int32Array.from(before), [1, before.length], 'i32') };
      const logits = Array.from(await transformer.apply(params, input, context).read()).slice(-5);
      const exps = logits.map(Math.exp);
      total -= Math.log(exps[ids[target]] / sumOf(exps));
    }
    expect(result.loss.value).toBeCloseTo(total / text.length, 5);
  });

  it('leaves no memory behind, and says how far it is', async () => {
    const before = backend.memory().live;
    const seen: number[] = [];
    await evaluateLanguageModel({
      ...subject,
      documents: documents(texts),
      rows: 2,
      onProgress: (tokens) => seen.push(tokens),
    });
    expect(backend.memory().live).toBe(before);
    expect(seen).toEqual([5, 14, 18]);
  });
});

describe('evaluateLanguageModel on batches', () => {
  const ids = Int32Array.from([0, 1, 2, 0, 3, 3, 1, 2]);

  it('scores the next token of the same segment, a row an observation', async () => {
    const segments = Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1]);
    const { tokens, bitsPerByte, bytes, loss } = await evaluateLanguageModel({
      ...bigram(4),
      backend,
      batches: [{ rows: 2, length: 4, ids, segments }],
    });
    const first = losses('abca', false);
    const second = [-Math.log(table[3][3]), -Math.log(table[1][2])];
    expect([tokens, bytes, bitsPerByte, loss.count]).toEqual([5, undefined, undefined, 2]);
    expect(loss.value).toBeCloseTo(sumOf([...first, ...second]) / 5, 6);
  });

  it('scores given targets, also of a model that is not causal', async () => {
    const { model, params } = bigram(4);
    const targets = Int32Array.from([-100, 1, -100, -100, -100, -100, -100, 3]);
    const { loss, tokens } = await evaluateLanguageModel({
      model: { ...model, causal: false },
      params,
      backend,
      batches: [{ rows: 2, length: 4, ids, targets }],
    });
    expect(tokens).toBe(2);
    expect(loss.value).toBeCloseTo((-Math.log(table[1][1]) - Math.log(table[2][3])) / 2, 6);
  });
});

describe('bad input', () => {
  const base = { ...bigram(4), backend, documents: documents(texts), tokenizer: letters() };
  const blind = { ...base.model, causal: false };
  const nan = { table: tensor(backend, new Float32Array(25).fill(Number.NaN), [5, 5]) };
  it.each([
    ['a bidirectional model', { ...base, model: blind }, 'eval/not-causal'],
    [
      'batches without targets of one',
      {
        model: blind,
        params: base.params,
        backend,
        batches: [{ rows: 1, length: 2, ids: Int32Array.of(1, 2) }],
      },
      'eval/not-causal',
    ],
    ['a window beyond the context', { ...base, length: 5 }, 'invalid-argument'],
    ['a stride beyond the window', { ...base, length: 3, stride: 4 }, 'invalid-argument'],
    ['rows of 0', { ...base, rows: 0 }, 'invalid-argument'],
    [
      'batches longer than the context',
      { ...bigram(1), backend, batches: [{ rows: 1, length: 2, ids: Int32Array.of(1, 2) }] },
      'invalid-argument',
    ],
    ['empty documents', { ...base, documents: documents(['']) }, 'eval/empty'],
    ['no documents', { ...base, documents: [] }, 'eval/empty'],
    ['a model that diverged', { ...base, params: nan }, 'eval/non-finite'],
  ])('%s is refused', async (_, options, code) => {
    await expect(evaluateLanguageModel(options)).rejects.toMatchObject({ code });
  });
});
