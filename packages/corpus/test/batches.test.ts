import { join } from 'node:path';
import type { Cursor, Item, TokenBatch } from '@heddle/core';
import { sourceSuite } from '@heddle/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  openTokenShards,
  packedBatches,
  sequentialBatches,
  type TokenSequence,
  tokenSequence,
  writeTokenShards,
} from '../src/index.js';
import { byteTokenizer, collect, memory, temporaryFolder, WHOLE } from './support.js';

const counting = (length: number): TokenSequence =>
  tokenSequence(Array.from({ length }, (_, i) => i));

/** The rows of `[rows, length]` numbers. */
function rowsOf(values: Int32Array, length: number): number[][] {
  return Array.from({ length: values.length / length }, (_, row) => [
    ...values.subarray(row * length, (row + 1) * length),
  ]);
}

describe('packedBatches', () => {
  const cases = fc.record({
    tokens: fc.integer({ min: 2, max: 400 }),
    rows: fc.integer({ min: 1, max: 4 }),
    length: fc.integer({ min: 1, max: 9 }),
    worldSize: fc.integer({ min: 1, max: 3 }),
    seed: fc.integer(),
    shuffle: fc.boolean(),
  });

  it('covers every token exactly once an epoch, but for the documented tail', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ tokens, rows, length, worldSize, seed, shuffle }) => {
        const windows = Math.floor((tokens - 1) / length);
        const together = rows * worldSize;
        fc.pre(windows >= together);
        const source = packedBatches(counting(tokens), { rows, length, seed, shuffle, epochs: 2 });
        const targets = new Map<number, number>();
        let batches = 0;
        for (let rank = 0; rank < worldSize; rank++) {
          const read = await collect(source.read({ rank, worldSize }));
          // Every rank takes as many steps.
          expect(read.length).toBe(2 * Math.floor(windows / together));
          for (const batch of read.slice(0, read.length / 2)) {
            batches++;
            for (const row of rowsOf(batch.ids, length)) {
              expect(row[0] % length).toBe(0);
              expect(row).toEqual(row.map((_, i) => row[0] + i));
            }
            expect(batch.targets).toEqual(batch.ids.map((id) => id + 1));
            for (const target of batch.targets ?? []) {
              targets.set(target, (targets.get(target) ?? 0) + 1);
            }
          }
        }
        expect([...targets.values()].every((count) => count === 1)).toBe(true);
        expect(targets.size).toBe(batches * rows * length);
        expect(windows * length - targets.size).toBeLessThan(together * length);
      }),
      { numRuns: 80 },
    );
  });

  it('resumes exactly after any cursor, epoch after epoch', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async ({ worldSize, ...options }, pick) => {
        const { tokens, rows, length } = options;
        fc.pre(Math.floor((tokens - 1) / length) >= rows * worldSize);
        const source = packedBatches(counting(tokens), { ...options, epochs: 3 });
        const at = { rank: pick % worldSize, worldSize };
        const items: Item<TokenBatch>[] = [];
        for await (const item of source.read(at)) items.push(item);
        const stop = pick % items.length;
        const after = JSON.parse(JSON.stringify(items[stop].cursor)) as Cursor;
        const rest: Item<TokenBatch>[] = [];
        for await (const item of source.read({ ...at, after })) rest.push(item);
        expect(rest).toEqual(items.slice(stop + 1));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the order of windows when rows or ranks change', async () => {
    const options = { length: 4, seed: 3, epochs: 1 };
    const first: number[] = [];
    let cursor: Cursor | undefined;
    for await (const item of packedBatches(counting(101), { ...options, rows: 2 }).read(WHOLE)) {
      first.push(...rowsOf(item.value.ids, 4).map(([id]) => id));
      cursor = item.cursor;
      if (first.length === 6) break;
    }
    const three = packedBatches(counting(101), { ...options, rows: 3 });
    const rest: number[][] = [[], []];
    for (const rank of [0, 1]) {
      for await (const { value } of three.read({ rank, worldSize: 2, after: cursor })) {
        rest[rank].push(...rowsOf(value.ids, 4).map(([id]) => id));
      }
    }
    expect(new Set([...first, ...rest.flat()]).size).toBe(6 + 18);
  });

  it('shuffles anew each epoch and for each seed, and not where told not to', async () => {
    const order = async (seed: number, epochs: number, shuffle?: boolean): Promise<number[]> => {
      const options = { rows: 1, length: 1, seed, epochs, shuffle };
      return (await collect(packedBatches(counting(101), options).read(WHOLE))).map(
        (b) => b.ids[0],
      );
    };
    const sorted = Array.from({ length: 100 }, (_, i) => i);
    const two = await order(5, 2);
    const [first, second] = [two.slice(0, 100), two.slice(100)];
    for (const epoch of [first, second, await order(6, 1)]) {
      expect([...epoch].sort((a, b) => a - b)).toEqual(sorted);
      expect(epoch).not.toEqual(sorted);
    }
    expect(second).not.toEqual(first);
    expect(await order(6, 1)).not.toEqual(first);
    expect(await order(5, 2)).toEqual(two);
    expect(await order(5, 1, false)).toEqual(sorted);
  });

  it('goes on for ever by default', async () => {
    let batches = 0;
    for await (const { cursor } of packedBatches(counting(9), { rows: 2, length: 2, seed: 0 }).read(
      WHOLE,
    )) {
      expect(cursor).toEqual({ epoch: batches >> 1, index: 2 * ((batches & 1) + 1) });
      if (++batches === 50) break;
    }
    expect(batches).toBe(50);
  });

  it('numbers the documents of a row', async () => {
    const sequence = tokenSequence([1, 2, 9, 3, 9, 9, 4, 5, 6, 7], { endOfText: 9 });
    const options = { rows: 1, length: 4, seed: 0, shuffle: false, epochs: 1, segments: true };
    const read = await collect(packedBatches(sequence, options).read(WHOLE));
    expect(read.map(({ ids, segments }) => [[...ids], [...(segments ?? [])]])).toEqual([
      [
        [1, 2, 9, 3],
        [1, 1, 1, 2],
      ],
      [
        [9, 9, 4, 5],
        [1, 2, 3, 3],
      ],
    ]);
    expect(() => packedBatches(counting(9), options)).toThrow(/no end-of-text id/);
  });

  it('says how much text a batch needs', async () => {
    const source = packedBatches(counting(100), { rows: 4, length: 25, seed: 0 });
    await expect(collect(source.read(WHOLE))).rejects.toMatchObject({
      code: 'corpus/too-small',
      details: { tokens: 100, needed: 101 },
    });
    const enough = packedBatches(counting(101), { rows: 4, length: 25, seed: 0, epochs: 1 });
    expect((await collect(enough.read(WHOLE))).length).toBe(1);
  });

  it('refuses cursors that are not its own', async () => {
    const source = packedBatches(counting(101), { rows: 4, length: 25, seed: 0 });
    const cursors: readonly Cursor[] = [
      { epoch: 0, index: 5 },
      { epoch: -1, index: 0 },
      { batch: 1 },
      3,
    ];
    for (const after of cursors) {
      await expect(collect(source.read({ ...WHOLE, after }))).rejects.toMatchObject({
        code: 'corpus/bad-cursor',
      });
    }
  });
});

describe('sequentialBatches', () => {
  it('covers every token once, in order, and pads what is left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (tokens, rows, length) => {
          const source = sequentialBatches(counting(tokens), { rows, length });
          const read = await collect(source.read(WHOLE));
          const targets = read.flatMap((batch) => [...(batch.targets ?? [])]);
          const ids = read.flatMap((batch) => [...batch.ids]);
          expect(targets.length % (rows * length)).toBe(0);
          expect(targets.slice(0, tokens - 1)).toEqual(
            Array.from({ length: tokens - 1 }, (_, i) => i + 1),
          );
          expect(ids.slice(0, tokens - 1)).toEqual(Array.from({ length: tokens - 1 }, (_, i) => i));
          expect(targets.slice(tokens - 1).every((target) => target === -100)).toBe(true);
          expect(targets.length - (tokens - 1)).toBeLessThan(rows * length);
        },
      ),
    );
  });

  it('marks padding in segments', async () => {
    const sequence = tokenSequence([1, 9, 2, 3, 9, 4], { endOfText: 9 });
    const source = sequentialBatches(sequence, { rows: 2, length: 4, segments: true });
    const [batch] = await collect(source.read(WHOLE));
    expect([...batch.ids]).toEqual([1, 9, 2, 3, 9, 9, 9, 9]);
    expect([...(batch.targets ?? [])]).toEqual([9, 2, 3, 9, 4, -100, -100, -100]);
    expect([...(batch.segments ?? [])]).toEqual([1, 1, 2, 2, 1, 0, 0, 0]);
  });

  it('refuses a single token', async () => {
    const read = collect(sequentialBatches(counting(1), { rows: 1, length: 4 }).read(WHOLE));
    await expect(read).rejects.toMatchObject({ code: 'corpus/too-small' });
  });
});

describe('from shards on disk', async () => {
  const root = await temporaryFolder();
  const directory = join(root, 'tokens');
  const texts = Array.from({ length: 30 }, (_, i) => `document ${i} `.repeat(1 + (i % 5)));
  await writeTokenShards({
    documents: memory(texts),
    tokenizer: byteTokenizer(),
    directory,
    shardTokens: 100,
  });
  const shards = await openTokenShards(directory);
  const tokens = tokenSequence(await shards.read(0, shards.length), {
    endOfText: shards.endOfText,
  });

  it('batches are those from memory', async () => {
    const options = { rows: 3, length: 8, seed: 11, epochs: 2, segments: true };
    const fromDisk = await collect(packedBatches(shards, options).read(WHOLE));
    expect(fromDisk).toEqual(await collect(packedBatches(tokens, options).read(WHOLE)));
    expect(fromDisk.length).toBe(2 * Math.floor(Math.floor((shards.length - 1) / 8) / 3));
  });

  describe('packedBatches, as a source', () => {
    // 48 windows: two and three ranks share them evenly.
    const some = tokenSequence(Array.from({ length: 4 * 48 + 3 }, (_, i) => i));
    sourceSuite({
      runner: { describe, it },
      create: () => packedBatches(some, { rows: 2, length: 4, seed: 1, epochs: 2 }),
      waivers: [
        {
          reason: 'ranks train in step, so windows that do not fill a batch for each are left out',
          tests: ['ranks > may be more than the items'],
        },
      ],
    });
  });

  describe('sequentialBatches, as a source', () => {
    sourceSuite({
      runner: { describe, it },
      create: () => sequentialBatches(shards, { rows: 2, length: 16 }),
    });
  });
});
