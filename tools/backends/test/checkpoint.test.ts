import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@heddle/core';
import { generate, loadModel, saveModel } from '@heddle/transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candidates } from '../src/candidates.js';
import { BATCH, TinyRun } from '../src/tiny-gpt.js';

/*
 * One trained checkpoint gives the same greedy text on every backend, whichever it was made on; and training from
 * the same seed gives the same losses.
 */

const { here, absent } = await candidates();
const STEPS = 12;
const PROMPT = BATCH.ids.slice(0, 5);
let scratch: string;
let reference: Float64Array;

async function train(backend: Backend, folder: string): Promise<Float64Array> {
  const run = new TinyRun(backend);
  const losses = new Float64Array(STEPS);
  for (let step = 0; step < STEPS; step++) losses[step] = await run.step();
  await saveModel(folder, run);
  return losses;
}

async function greedy(backend: Backend, folder: string): Promise<number[]> {
  const loaded = await loadModel(folder, backend);
  const ids: number[] = [];
  for await (const { id } of generate({
    ...loaded,
    backend,
    prompt: PROMPT,
    maxTokens: 20,
    temperature: 0,
  }))
    ids.push(id);
  return ids;
}

const folderOf = (name: string): string => join(scratch, name.replace(' ', '-'));

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-backends-'));
  await using backend = await here[0].make();
  reference = await train(backend, folderOf('first'));
}, 120_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

for (const { name, reason } of absent) it(name, (test) => test.skip(reason));

describe.each(here)('$name', ({ name, make }) => {
  it('trains to the same losses', async () => {
    await using backend = await make();
    const losses = await train(backend, folderOf(name));
    expect(losses[STEPS - 1]).toBeLessThan(losses[0] - 0.3);
    for (const [step, loss] of losses.entries())
      expect(Math.abs(loss - reference[step])).toBeLessThan(1e-3);
  }, 300_000);

  it('writes what the checkpoint of the first backend says', async () => {
    await using first = await here[0].make();
    await using backend = await make();
    const wanted = await greedy(first, folderOf('first'));
    expect(new Set(wanted).size).toBeGreaterThan(5);
    expect(await greedy(backend, folderOf('first'))).toEqual(wanted);
  }, 300_000);

  it('makes a checkpoint that the first backend reads alike', async () => {
    await using first = await here[0].make();
    await using backend = await make();
    expect(await greedy(first, folderOf(name))).toEqual(await greedy(backend, folderOf(name)));
  }, 300_000);
});
