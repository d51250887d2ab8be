import { readFileSync } from 'node:fs';
import type { Backend, Context, LanguageModel, Params, Tensor, Tokenizer } from '@heddle/core';
import { rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { embedding, normal } from '@heddle/tensor';
import { expect } from 'vitest';

export const backend: Backend = cpu({ threads: 1 });
export const context: Context = { backend, train: false, key: rngKey(0) };
export const goldenFolder = (name: string): string =>
  new URL(`./golden/${name}`, import.meta.url).pathname;

interface LinearCase {
  layout: 'in-out' | 'out-in';
  rank: number;
  alpha: number;
  shape: [number, number];
  x: number[];
  c: number[];
  w: number[];
  a: number[];
  b: number[];
  y: number[];
  gradA: number[];
  gradB: number[];
}

interface AdapterCase {
  ids: number[][];
  logits: number[];
  mergedLogits: number[];
  loss: number;
  grads: Record<string, number[]>;
}

/** Made by tools/golden/eval/finetune.py with PyTorch, transformers and PEFT. */
export const golden = JSON.parse(readFileSync(goldenFolder('finetune.json'), 'utf8')) as {
  linear: LinearCase[];
  classifier: {
    texts: number[][];
    targets: number[];
    classWeights: number[];
    logits: number[];
    loss: number;
    scoreGrad: number[];
    attentionGrad: number[];
  };
  gpt2: AdapterCase;
  llama: AdapterCase;
};

/** Differences relative to the largest expected number. */
export async function expectClose(
  actual: Tensor | ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-5,
): Promise<void> {
  const values = 'read' in actual ? await actual.read() : actual;
  expect(values.length).toBe(expected.length);
  const scale = Math.max(1e-6, ...Array.from(expected, Math.abs));
  const worst = Math.max(...Array.from(expected, (e, i) => Math.abs(values[i] - e)));
  expect(worst / scale).toBeLessThan(tolerance);
}

export async function readAll(params: Params): Promise<Record<string, number[]>> {
  const entries = await Promise.all(
    Object.entries(params).map(async ([name, t]) => [name, Array.from(await t.read())] as const),
  );
  return Object.fromEntries(entries);
}

/** A token a byte, behind a start token (256) if special tokens are asked for. */
export function byteTokenizer({ start = false }: { start?: boolean } = {}): Tokenizer {
  return {
    vocabSize: 257,
    encode(text, { addSpecialTokens = true } = {}) {
      const bytes = new TextEncoder().encode(text);
      return { ids: Int32Array.of(...(start && addSpecialTokens ? [256] : []), ...bytes) };
    },
    decode: (ids) => new TextDecoder().decode(Uint8Array.from(Array.from(ids))),
    idOf: () => undefined,
    tokenOf: () => undefined,
    toJSON: () => ({ kind: 'bytes' }),
  };
}

/** A vector a token and nothing more: with the pooling `mean`, a bag of bytes. */
export function bagOfTokens({ hiddenSize = 16 }: { hiddenSize?: number } = {}): LanguageModel {
  const vocabSize = 257;
  const hidden: LanguageModel['hidden'] = (params, { ids }) =>
    embedding(params['embed.weight'], ids);
  return {
    config: { model_type: 'bag' },
    vocabSize,
    hiddenSize,
    contextLength: 512,
    causal: false,
    init: (key, on) => ({ 'embed.weight': normal(on, key, [vocabSize, hiddenSize], { std: 0.1 }) }),
    hidden,
    logits: (_, x) => x,
    apply: (params, input, at) => hidden(params, input, at),
  };
}

export const codeOf = (f: () => unknown): unknown => {
  try {
    f();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
  return 'nothing thrown';
};
