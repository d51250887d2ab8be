import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold, randomWords, rngKey, type TokenBatch } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { loadModel } from '@heddle/transformer';
import { afterAll, describe, expect, it } from 'vitest';
import { grid, maskedLm, pretrain, tune, validationLoss } from '../src/index.js';
import { disposeAll, sentences, tinyBert, tinyGpt, windowSource, windows } from './text.js';

const backend = cpu();
const folder = await mkdtemp(join(tmpdir(), 'heddle-pretrain-'));
afterAll(async () => {
  await rm(folder, { recursive: true });
  await backend[Symbol.asyncDispose]();
});
const data = windowSource(sentences(1, 2000), 4, 32);
const held = sentences(2, 200);
const validation = [0, 1, 2].map((i) => windows(held, 4, 32, fold(rngKey(1), i)));

describe('pretrain', () => {
  it('teaches a GPT the grammar, and leaves a model folder that loads', async () => {
    const directory = join(folder, 'gpt');
    const model = tinyGpt();
    const { params, metrics, checkpoint } = await pretrain({
      backend,
      model,
      data,
      validation,
      lr: 5e-3,
      steps: 80,
      seed: 1,
      directory,
    });
    expect(metrics.validation.loss).toBeLessThan(0.7 * entropy(held)); // more than which bytes are frequent
    expect((await readdir(checkpoint!)).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
    ]);
    const config = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({
      clip: 1,
      config: { lr: 5e-3, minLr: 5e-4, warmup: 0.02, weightDecay: 0.1 },
      model: { model_type: 'gpt2' },
    });
    const loaded = await loadModel(checkpoint!, backend);
    const { loss } = await validationLoss({ ...loaded, backend, batches: validation });
    expect(loss).toBe(metrics.validation.loss);
    disposeAll(params);
    disposeAll(loaded.params);
  });

  it('teaches a BERT to look around: every row repeats one of 16 tokens, at random', async () => {
    const model = tinyBert();
    const row = (i: number): number[] => Array(12).fill(1 + (randomWords(rngKey(i), 1)[0] % 16));
    const batch = (i: number): TokenBatch => ({
      rows: 8,
      length: 12,
      ids: Int32Array.from(Array.from({ length: 8 }, (_, r) => row(8 * i + r)).flat()),
    });
    const { params, metrics } = await pretrain({
      backend,
      model,
      objective: maskedLm(model, { maskId: 127, specialIds: [0] }),
      data: {
        name: 'repeats',
        async *read() {
          for (let i = 0; ; i++) yield { value: batch(i), cursor: i };
        },
      },
      validation: async function* () {
        for (let i = 0; i < 8; i++) yield batch(1e6 + i);
      },
      lr: 5e-3,
      steps: 200,
      seed: 1,
    });
    expect(metrics.validation.loss).toBeLessThan(0.5 * Math.log(16)); // log 16 without the context
    disposeAll(params);
  });
});

/** Of the distribution of single tokens, in nats. */
function entropy(ids: Int32Array): number {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, n) => sum - (n / ids.length) * Math.log(n / ids.length),
    0,
  );
}

describe('tune', () => {
  const candidates = grid({ lr: [1, 2, 3], width: [10, 20, 30] });
  // Longer training lowers the loss; the best settings are lr 2, width 30.
  const trial = async (
    { lr, width }: { lr: number; width: number },
    { steps }: { steps: number },
  ): Promise<number> => Math.abs(lr - 2) + 1 / width + 1 / steps;

  it('lets a third go on, each round three times as long', async () => {
    const seen: string[] = [];
    const { best, trials } = await tune({
      candidates,
      trial,
      minSteps: 10,
      maxSteps: 90,
      seed: 1,
      onTrial: (t) => void seen.push(`${t.candidate.lr},${t.candidate.width}:${t.steps}`),
    });
    expect(best).toEqual({ candidate: { lr: 2, width: 30 }, steps: 90, loss: 1 / 30 + 1 / 90 });
    expect(trials.map((t) => t.steps)).toEqual([...Array(9).fill(10), 30, 30, 30, 90]);
    expect(seen.slice(9)).toEqual(['2,30:30', '2,20:30', '2,10:30', '2,30:90']);
  });

  it('draws a sample by the seed, without repetition', async () => {
    const draw = async (seed: number): Promise<string[]> =>
      (await tune({ candidates, samples: 4, trial, minSteps: 5, maxSteps: 5, seed })).trials.map(
        (t) => JSON.stringify(t.candidate),
      );
    const first = await draw(1);
    expect(new Set(first).size).toBe(4);
    expect(await draw(1)).toEqual(first);
    expect(await Promise.all([2, 3, 4, 5].map(draw))).not.toEqual(Array(4).fill(first));
  });

  it('ends with a single candidate at full length', async () => {
    const { trials } = await tune({
      candidates: [{ lr: 1, width: 1 }],
      trial,
      minSteps: 1,
      maxSteps: 50,
      seed: 1,
    });
    expect(trials.map((t) => t.steps)).toEqual([50]);
  });

  it('counts a run that broke down as the worst, and passes other errors on', async () => {
    const model = tinyGpt();
    const { best, trials } = await tune({
      candidates: grid({ lr: [1e-3, 1e30] }),
      trial: async ({ lr }, { steps }) => {
        const { params, metrics } = await pretrain({
          backend,
          model,
          data,
          validation,
          lr,
          clip: 1e30,
          warmup: 0,
          steps,
          seed: 1,
        });
        disposeAll(params);
        return metrics.validation.loss;
      },
      minSteps: 5,
      maxSteps: 10,
      eta: 2,
      seed: 1,
    });
    expect(best.candidate).toEqual({ lr: 1e-3 });
    expect(trials[1].loss).toBe(Number.POSITIVE_INFINITY);
    const failing = tune({
      candidates,
      trial: () => Promise.reject(new Error('disk')),
      minSteps: 1,
      maxSteps: 1,
      seed: 1,
    });
    await expect(failing).rejects.toThrow('disk');
  });

  it.each([
    [{ candidates: [] }, 'candidates'],
    [{ minSteps: 0 }, 'minSteps'],
    [{ maxSteps: 5 }, 'maxSteps'],
    [{ eta: 1 }, 'eta'],
    [{ samples: 0 }, 'samples'],
  ])('refuses %j', async (change, argument) => {
    const options = { candidates, trial, minSteps: 10, maxSteps: 90, seed: 1, ...change };
    await expect(tune(options as never)).rejects.toMatchObject({ details: { argument } });
  });
});
