import type { Backend } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tfjsCuda } from '../src/index.js';
import { ENGINES } from './engines.js';
import { type TinyGpt, training } from './tiny-gpt.js';

const GPT: TinyGpt = {
  layers: 2,
  width: 16,
  heads: 2,
  context: 8,
  batch: 4,
  vocabulary: 17,
  dropout: 0.1,
};
const STEPS = 50;

async function losses(backend: Backend, afterStep: () => void): Promise<number[]> {
  await using _ = backend;
  const step = training(backend, GPT);
  const found: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    found.push(await step());
    afterStep();
  }
  return found;
}

describe.each(ENGINES)('training on $engine', ({ engine, without }) => {
  it('gives the losses of the cpu backend, and holds after each step what it held after the first', async (test) => {
    if (without !== undefined) test.skip(without);
    const reference = await losses(cpu(), () => {});
    const backend = await tfjsCuda({ engine });
    const live: number[] = [];
    const tensors: number[] = [];
    const ours = await losses(backend, () => {
      live.push(backend.memory().live);
      tensors.push(tf.memory().numTensors);
    });
    expect(reference[STEPS - 1]).toBeLessThan(reference[0] - 1);
    const apart = ours.map((loss, i) => Math.abs(loss - reference[i]));
    expect(Math.max(...apart)).toBeLessThan(1e-3);
    expect(new Set(live).size).toBe(1);
    expect(new Set(tensors).size).toBe(1);
  });
});
