import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { HeddleError, type Json } from '@heddle/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { joinedBatches, joinedIds } from '../src/batch/encoded-texts.js';
import { shares } from '../src/batch/shares.js';
import { tokenizerPool } from '../src/batch/tokenizer-pool.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { type EncodingGolden, golden } from './golden.js';

const { tokenizer: json, strings, special } = golden<EncodingGolden>('encoding.json');
const tokenizer = tokenizerFromJson(json);
const texts = Array.from({ length: 40 }, (_, i) =>
  [...strings, ...special, `hasOwnProperty ${i}`, '', '\ud800'].map((text) =>
    text.repeat(1 + (i % 3)),
  ),
).flat();

function caught(run: () => unknown): HeddleError {
  try {
    run();
  } catch (error) {
    if (HeddleError.is(error)) return error;
  }
  throw new Error('no HeddleError was thrown');
}

describe('shares', () => {
  it('are all texts in order, several a worker', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `${i}`.padEnd(1000));
    for (const workers of [1, 2, 7]) {
      const parts = shares(many, workers);
      expect(parts.flat()).toEqual(many);
      expect(parts.length).toBeGreaterThan(workers);
    }
  });

  it('are one for few texts, and for none', () => {
    expect(shares(['a', 'b'], 8)).toEqual([['a', 'b']]);
    expect(shares([], 8)).toEqual([[]]);
    expect(shares(['', ''], 2)).toEqual([['', '']]);
  });

  it('joined, are as encoded at once', () => {
    const ids = [[1, 2], [], [3], [], [4, 5, 6]].map((each) => Int32Array.from(each));
    const parts = [ids.slice(0, 2), ids.slice(2, 2), ids.slice(2)].map(joinedIds);
    expect(joinedBatches(parts)).toEqual(joinedIds(ids));
    expect([...joinedIds(ids).starts]).toEqual([0, 2, 2, 3, 3, 6]);
  });
});

describe('a pool', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([1, 2])('of %i gives the ids of one thread', async (workers) => {
    await using pool = await tokenizerPool(json, { workers });
    for (const options of [{}, { parseSpecialTokens: true }, { addSpecialTokens: false }]) {
      const expected = joinedIds(texts.map((text) => tokenizer.encode(text, options).ids));
      expect(await pool.encodeBatch(texts, options)).toEqual(expected);
    }
    const [first, second] = await Promise.all([
      pool.encodeBatch(texts.slice(0, 9)),
      pool.encodeBatch([]),
    ]);
    expect(first.starts).toHaveLength(10);
    expect([...second.starts]).toEqual([0]);
  });

  it('reads a file, and has as many workers as HEDDLE_THREADS says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heddle-pool-'));
    try {
      const path = join(folder, 'tokenizer.json');
      await writeFile(path, JSON.stringify(json));
      vi.stubEnv('HEDDLE_THREADS', '3');
      await using pool = await tokenizerPool(path);
      expect(pool.workers).toBe(3);
      const { ids } = await pool.encodeBatch(['the cat']);
      expect(ids).toEqual(tokenizer.encode('the cat').ids);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells what a worker could not do', async () => {
    await expect(tokenizerPool({ model: null }, { workers: 1 })).rejects.toMatchObject({
      name: 'HeddleError',
      code: 'tokenizer/bad-json',
      details: { place: expect.stringContaining('model') },
    });
    await expect(tokenizerPool('/nowhere/tokenizer.json', { workers: 2 })).rejects.toMatchObject({
      code: 'io',
    });
    for (const workers of [0, 1.5, 1000]) {
      await expect(tokenizerPool(json, { workers })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
    }
    vi.stubEnv('HEDDLE_THREADS', 'many');
    await expect(tokenizerPool(json)).rejects.toThrow('HEDDLE_THREADS');
    const words = { model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: '<unk>' } };
    await using pool = await tokenizerPool(words, { workers: 1 });
    const here = (): unknown => tokenizerFromJson(words).encode('b');
    const { code, message } = caught(here);
    await expect(pool.encodeBatch(['a', 'b'])).rejects.toMatchObject({ code, message });
    expect((await pool.encodeBatch(['a'])).ids).toHaveLength(1);
  });

  it('a worker that ends is an error, and the next batch has a new one', async () => {
    const started: Worker[] = [];
    const watch = (worker: Worker): void => void started.push(worker);
    process.on('worker', watch);
    await using pool = await tokenizerPool(json, { workers: 1 });
    const long = Array.from({ length: 40 }, () => texts.join(' '));
    const batch = pool.encodeBatch(long);
    await started[0].terminate();
    await expect(batch).rejects.toMatchObject({ code: 'tokenizer/worker-lost' });
    expect((await pool.encodeBatch(['a'])).ids).toHaveLength(1);
    process.off('worker', watch);
  });

  it('that was disposed is an error', async () => {
    const pool = await tokenizerPool(json as Json, { workers: 1 });
    const batch = pool.encodeBatch(texts);
    const settled = batch.then(
      () => 'done',
      (error) => error.code,
    );
    await pool[Symbol.asyncDispose]();
    expect(['done', 'tokenizer/worker-lost']).toContain(await settled);
    await expect(pool.encodeBatch([])).rejects.toMatchObject({ code: 'use-after-free' });
    await pool[Symbol.asyncDispose]();
  });
});
