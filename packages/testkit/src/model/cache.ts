import type { KeyValueCache } from '@heddle/core';
import { check, refuses } from '../assert.js';
import { skip } from '../runner.js';
import { type Fixture, type Numbers, part } from './fixture.js';
import type { ModelTest } from './suite.js';

function cacheOf({ model, backend }: Fixture, batch: number, capacity: number): KeyValueCache {
  if (model.createCache === undefined) skip('it has no cache');
  return model.createCache({ batch, capacity, backend });
}

/** Feeds `ids` in chunks of the given sizes; returns the logits of each chunk. */
async function decode(
  fixture: Fixture,
  cache: KeyValueCache,
  rows: number,
  ids: readonly number[],
  chunks: readonly number[],
): Promise<Numbers[]> {
  const length = ids.length / rows;
  const results: Numbers[] = [];
  let from = 0;
  for (const size of chunks) {
    const chunk = Array.from({ length: rows }, (_, row) =>
      ids.slice(row * length + from, row * length + from + size),
    ).flat();
    check(cache.length === from, `the cache holds ${from} positions but says ${cache.length}`);
    results.push(await fixture.forward({ rows, ids: chunk }, undefined, cache));
    from += size;
  }
  check(cache.length === from, `the cache holds ${from} positions but says ${cache.length}`);
  return results;
}

export function cacheTests(test: ModelTest): void {
  test('cache', 'decoding piece by piece equals the whole pass', async (fixture) => {
    const { length } = fixture;
    const rows = 2;
    const ids = fixture.ids(rows * length);
    const whole = await fixture.forward({ rows, ids });
    const ones = Array.from({ length }, () => 1);
    for (const chunks of [ones, [length], [3, ...ones.slice(3)], [1, 4, length - 5]]) {
      const cache = cacheOf(fixture, rows, length + 1);
      check(cache.capacity >= length + 1, `its capacity is ${cache.capacity}, not ${length + 1}`);
      let from = 0;
      for (const piece of await decode(fixture, cache, rows, ids, chunks)) {
        const to = from + piece.shape[1];
        for (let row = 0; row < rows; row++) {
          const what = `positions ${from} to ${to - 1} of row ${row}, in chunks of ${chunks}`;
          fixture.checkNear(what, part(piece, row), part(whole, row, from, to));
        }
        from = to;
      }
      cache.dispose();
    }
  });

  test('cache', 'two are independent', async (fixture) => {
    const { length } = fixture;
    const texts = [fixture.ids(length), fixture.ids(length, 'other')];
    const caches = texts.map(() => cacheOf(fixture, 1, length));
    const pieces: Numbers[][] = [[], []];
    for (let t = 0; t < length; t++) {
      for (const i of [0, 1]) {
        const ids = [texts[i][t]];
        pieces[i].push(await fixture.forward({ rows: 1, ids }, undefined, caches[i]));
      }
    }
    for (const i of [0, 1]) {
      const whole = await fixture.forward({ rows: 1, ids: texts[i] });
      for (let t = 0; t < length; t++) {
        const wanted = part(whole, 0, t, t + 1);
        fixture.checkNear(`position ${t} of text ${i}`, part(pieces[i][t], 0), wanted);
      }
    }
  });

  test('cache', 'more than its capacity is refused', async (fixture) => {
    const cache = cacheOf(fixture, 1, 4);
    const ids = fixture.ids(cache.capacity);
    if (ids.length + 1 > fixture.model.contextLength) skip('the context is not longer');
    await decode(fixture, cache, 1, ids, [ids.length]);
    await refuses('one position more than the capacity', () =>
      fixture.forward({ rows: 1, ids: [0] }, undefined, cache),
    );
  });

  test('cache', 'leaves nothing behind', async (fixture) => {
    const { length, backend } = fixture;
    const ids = fixture.ids(length);
    const run = async (): Promise<void> => {
      const cache = cacheOf(fixture, 1, length);
      await decode(fixture, cache, 1, ids, [length - 2, 1, 1]);
      cache.dispose();
      await backend.sync();
    };
    await run();
    const before = backend.memory().live;
    await run();
    const left = backend.memory().live - before;
    check(left === 0, `a cache that was used and disposed of leaves ${left} bytes behind`);
  });
}
