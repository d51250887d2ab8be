import { cpu } from '@heddle/cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { gpujs } from '../src/index.js';
import { missing } from './swiftshader.js';
import { type Training, trainTinyGpt } from './tiny-gpt.js';

const STEPS = 50;

describe('a tiny GPT', () => {
  let reference: Training;
  beforeAll(async () => {
    reference = await trainTinyGpt(cpu(), STEPS);
  });

  it('learns on the backend that judges', () => {
    expect(reference.losses[STEPS - 1]).toBeLessThan(reference.losses[0] - 1);
  });

  for (const mode of ['cpu', 'webasm', 'webgpu'] as const) {
    it.skipIf(mode === 'webgpu' && missing)(`has the same losses in mode ${mode}`, async () => {
      const { losses, live } = await trainTinyGpt(await gpujs({ mode }), STEPS);
      for (const [i, loss] of losses.entries())
        expect(Math.abs(loss - reference.losses[i]), `step ${i + 1}`).toBeLessThan(1e-3);
      expect(new Set(live), 'bytes that live after each step').toEqual(new Set([live[0]]));
    });
  }
});
