import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomWords, rngKey } from '@heddle/core';
import { accuracy, macroF1 } from '@heddle/eval';
import { architectureFromConfig, gpt2 } from '@heddle/transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FinetuneClassifierOptions,
  finetuneClassifier,
  type LabelledText,
  loadClassifier,
  predict,
  saveClassifier,
} from '../src/index.js';
import { backend, byteTokenizer, readAll } from './parts.js';

const model = gpt2({
  vocab_size: 257,
  n_positions: 16,
  n_embd: 32,
  n_layer: 2,
  n_head: 4,
  attn_pdrop: 0,
  embd_pdrop: 0,
  resid_pdrop: 0,
  initializer_range: 0.1,
});
const tokenizer = byteTokenizer();

/** Random letters, and the label says whether a vowel or a digit is among them. */
function toyExamples(count: number, seed: number): LabelledText[] {
  const consonants = 'bcdfghjklmnp';
  const words = randomWords(rngKey(seed), count * 24);
  return Array.from({ length: count }, (_, i) => {
    const [size, at, kind, ...letters] = words.subarray(i * 24, (i + 1) * 24);
    const text = letters.slice(0, 4 + (size % 9)).map((w) => consonants[w % consonants.length]);
    text[at % text.length] = kind % 2 === 0 ? 'aeiou'[kind % 5] : '0123456789'[kind % 10];
    return { text: text.join(''), label: kind % 2 === 0 ? 'vowel' : 'digit' };
  });
}
const examples = toyExamples(400, 1);
const validation = toyExamples(150, 2);
const base: FinetuneClassifierOptions = {
  backend,
  model,
  params: model.init(rngKey(7), backend),
  tokenizer,
  examples,
  validation,
  seed: 1,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finetune-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a separable toy task on a small GPT-2', () => {
  it('is learnt with LoRA, leaving the base as it was; the result is saved and loaded', async () => {
    const before = await readAll(base.params);
    const result = await finetuneClassifier({
      ...base,
      epochs: 12,
      lr: 5e-3,
      metrics: [accuracy(), macroF1({ labels: ['digit', 'vowel'] })],
    });
    expect(result.classifier.labels).toEqual(['digit', 'vowel']);
    expect(result.validation?.accuracy).toBeGreaterThan(0.95);
    expect(result.validation?.estimates.accuracy.value).toBe(result.validation?.accuracy);
    expect(result.validation?.estimates['macro-f1'].value).toBeGreaterThan(0.95);
    expect(result.training).toMatchObject({ reason: 'finished', step: 300 });
    expect(await readAll(base.params)).toEqual(before);
    expect(Object.keys(result.params).some((name) => name.includes('lora'))).toBe(false);
    expect(Object.keys(result.adapters ?? {})).toHaveLength(2 * 4 * 2);

    const directory = join(folder, 'toy');
    await saveClassifier(directory, { ...result, tokenizer });
    const loaded = await loadClassifier(directory, backend, {
      architecture: architectureFromConfig,
    });
    const texts = validation.map(({ text }) => text);
    const answers = await predict({ ...loaded, backend, tokenizer, texts });
    expect(answers.map(({ label }) => label)).toEqual(
      result.validation?.predictions.map(({ predicted }) => predicted),
    );
  });

  it('is learnt by all weights, also leaving the base as it was', async () => {
    const before = await readAll(base.params);
    const result = await finetuneClassifier({ ...base, lora: false, epochs: 4, lr: 3e-3 });
    expect(result.validation?.accuracy).toBeGreaterThan(0.95);
    expect(result.adapters).toBeUndefined();
    expect(await readAll(base.params)).toEqual(before);
  });

  it('repeats itself bit for bit, and goes on after an interruption as if there had been none', async () => {
    const short = { ...base, examples: examples.slice(0, 40), validation: [], epochs: 4, rows: 10 };
    const whole = await finetuneClassifier(short);
    const again = await finetuneClassifier(short);
    const weights = await readAll(whole.params);
    expect(await readAll(again.params)).toEqual(weights);

    const directory = join(folder, 'resumed');
    const stop = new AbortController();
    const interrupted = await finetuneClassifier({
      ...short,
      directory,
      signal: stop.signal,
      callbacks: [{ name: 'stop', onStep: ({ step }) => (step === 7 ? stop.abort() : undefined) }],
    });
    expect(interrupted.training).toMatchObject({ reason: 'interrupted', step: 7 });
    const resumed = await finetuneClassifier({ ...short, directory, resume: true });
    expect(resumed.training).toMatchObject({ reason: 'finished', step: 16 });
    expect(await readAll(resumed.params)).toEqual(weights);
  });

  it('balances labels: a rare one is found when it weighs as much as the other', async () => {
    const rare = examples.filter(({ label }, i) => label === 'digit' || i % 8 === 0);
    const recall = async (classWeights?: 'balanced'): Promise<number> => {
      const options = { ...base, examples: rare, lora: false, epochs: 2, lr: 1e-3 } as const;
      const { validation } = await finetuneClassifier({ ...options, classWeights });
      const vowels = validation!.predictions.filter(({ expected }) => expected === 'vowel');
      return vowels.filter(({ predicted }) => predicted === 'vowel').length / vowels.length;
    };
    expect(await recall('balanced')).toBeGreaterThan((await recall()) + 0.1);
  });

  it('frees what it made when training fails', async () => {
    const { live } = backend.memory();
    const failing = finetuneClassifier({
      ...base,
      callbacks: [
        {
          name: 'fail',
          onStep: () => {
            throw new Error('the disk is full');
          },
        },
      ],
    });
    await expect(failing).rejects.toThrow('the disk is full');
    expect(backend.memory().live).toBe(live);
  });

  it('measures on the way if asked to', async () => {
    const seen: number[] = [];
    await finetuneClassifier({
      ...base,
      examples: examples.slice(0, 32),
      validation: validation.slice(0, 20),
      epochs: 2,
      evaluateEvery: 2,
      callbacks: [
        {
          name: 'watch',
          onMetrics: ({ step, metrics }) => {
            if ('accuracy' in metrics) seen.push(step);
          },
        },
      ],
    });
    expect(seen).toEqual([2, 4]);
  });
});

describe('bad input', () => {
  const one = (label: string): LabelledText => ({ text: 'x', label });
  it.each([
    ['no examples', { examples: [] }, 'finetune/no-examples'],
    ['one label only', { examples: [one('a'), one('a')] }, 'finetune/missing-label'],
    [
      'a label without example',
      { examples: [one('a'), one('b')], labels: ['a', 'b', 'c'], validation: [] },
      'finetune/missing-label',
    ],
    [
      'an unknown label',
      { examples: [one('a'), one('b')], labels: ['a', 'c'], validation: [] },
      'finetune/unknown-label',
    ],
    ['an unknown label to validate', { validation: [one('c')] }, 'finetune/unknown-label'],
    [
      'an empty text',
      { examples: [...examples, { text: '', label: 'digit' }] },
      'finetune/empty-text',
    ],
    ['targets of another model', { lora: { rank: 2, targets: ['q_proj'] } }, 'finetune/no-target'],
  ])('refuses %s', async (_, changes, code) => {
    await expect(finetuneClassifier({ ...base, ...changes })).rejects.toMatchObject({ code });
  });
});
