import { readFileSync } from 'node:fs';
import { tokenizerPool } from '@heddle/tokenizer/node';
import { table } from '../../bench/src/report.js';
import { median } from '../../bench/src/statistics.js';
import type { Texts } from './texts.js';

/** So many times the texts: a batch is to last longer than its beginning and end. */
const REPETITIONS = 8;

/** Throughput of two workers against that of one, in turn. */
export async function comparePools(
  vocabulary: { readonly name: string; readonly path: string },
  text: Texts,
  rounds: number,
): Promise<Record<string, number>> {
  const documents: string[] = JSON.parse(readFileSync(text.path, 'utf8'));
  const batch = Array.from({ length: REPETITIONS }, () => documents).flat();
  const pools = await Promise.all(
    [1, 2].map((workers) => tokenizerPool(vocabulary.path, { workers })),
  );
  const took = pools.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, pool] of pools.entries()) {
      const start = performance.now();
      await pool.encodeBatch(batch);
      if (round > 0) took[i].push(performance.now() - start);
    }
  }
  for (const pool of pools) await pool[Symbol.asyncDispose]();
  const [one, two] = took.map(median);
  const bytes = text.bytes * REPETITIONS;
  console.log(`\nPool, ${vocabulary.name}, ${text.name}, ${(bytes / 1e6).toFixed(0)} MB`);
  const row = (name: string, time: number): string[] => [
    ...[name, (bytes / 1e3 / time).toFixed(2), `${(one / time).toFixed(2)}x`],
  ];
  console.log(table([['workers', 'MB/s', 'over one'], row('1', one), row('2', two)]));
  return {
    [`pool, ${vocabulary.name}, ${text.name}, 2 workers over 1`]: Number((one / two).toFixed(3)),
  };
}
