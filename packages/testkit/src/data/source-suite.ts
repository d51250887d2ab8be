import type { Awaitable, Item, Json, Source } from '@heddle/core';
import { check, equal as deepEqual, show } from '../assert.js';
import { type Runner, Suite, type Waiver } from '../runner.js';
import { checkValues, collect, readAll, settled, spread } from './collect.js';

export interface SourceSuiteOptions<T> {
  readonly runner: Runner;
  /** A source that ends, with two items or more; each call opens the same data anew. */
  readonly create: () => Awaitable<Source<T>>;
  /** Whether two values are the same; by default compared part by part. */
  readonly equal?: (a: T, b: T) => boolean;
  /** More items than this are taken for a source that does not end. Default 10,000. */
  readonly limit?: number;
  readonly waivers?: readonly Waiver[];
}

const ALL = { rank: 0, worldSize: 1 };

/** Resuming is tried after this many items of a long source. */
const RESUMED = 50;

type Equal<T> = (a: T, b: T) => boolean;

function readingTests<T>(
  suite: Suite,
  create: () => Awaitable<Source<T>>,
  equal: Equal<T>,
  limit: number,
): void {
  suite.test('reading', 'twice gives the same items and cursors', async () => {
    const source = await create();
    const first = await readAll(source, ALL, limit);
    check(first.length >= 2, `give the suite a source of two items or more, not ${first.length}`);
    const again = await readAll(source, ALL, limit);
    const other = await readAll(await create(), ALL, limit);
    for (const items of [again, other]) {
      checkValues('the second time', items, first, equal);
      const at = items.findIndex((item, i) => !deepEqual(item.cursor, first[i].cursor));
      check(at < 0, () => `item ${at} has another cursor the second time`);
    }
  });

  suite.test('reading', 'two readers at once do not disturb each other', async () => {
    const source = await create();
    const wanted = await readAll(await create(), ALL, limit);
    const readers = [source.read(ALL), source.read(ALL)].map((it) => it[Symbol.asyncIterator]());
    for (let i = 0; i <= wanted.length; i++) {
      for (const reader of readers) {
        const next = await settled('next()', reader.next());
        if (i === wanted.length) check(next.done === true, 'a reader gives items after the last');
        else check(!next.done && equal(next.value.value, wanted[i].value), `item ${i} differs`);
      }
    }
  });

  suite.test('reading', 'may stop early', async () => {
    const source = await create();
    const wanted = await readAll(source, ALL, limit);
    const reader = source.read(ALL)[Symbol.asyncIterator]();
    await settled('next()', reader.next());
    check(reader.return !== undefined, 'its iterator has no return(), so nobody can close it');
    await settled('return()', reader.return());
    const next = await settled('next() after return()', reader.next());
    check(next.done === true, 'it goes on after return()');
    const unread = source.read(ALL)[Symbol.asyncIterator]();
    await settled('return() before the first item', Promise.resolve(unread.return?.()));
    checkValues('after stopping early', await readAll(source, ALL, limit), wanted, equal);
  });
}

function resumeTests<T>(
  suite: Suite,
  create: () => Awaitable<Source<T>>,
  equal: Equal<T>,
  limit: number,
): void {
  const resume = async (
    through: (cursor: Json) => Json,
    at: { rank: number; worldSize: number },
  ): Promise<void> => {
    const items = await readAll(await create(), at, limit);
    for (const i of spread(items.length, RESUMED)) {
      const after = through(items[i].cursor);
      const rest = await readAll(await create(), { ...at, after }, limit);
      checkValues(`resumed after item ${i} of ${items.length}`, rest, items.slice(i + 1), equal);
    }
  };

  suite.test('resume', 'after any cursor gives exactly the rest', () => resume((c) => c, ALL));

  suite.test('resume', 'cursors survive JSON', async () => {
    for (const { cursor } of await readAll(await create(), ALL, limit)) {
      const copy: unknown = JSON.parse(JSON.stringify(cursor) ?? 'null');
      check(deepEqual(copy, cursor), () => `the cursor ${show(cursor)} becomes ${show(copy)}`);
    }
    await resume((cursor) => JSON.parse(JSON.stringify(cursor)) as Json, ALL);
  });

  suite.test('resume', 'again and again', async () => {
    const wanted = await readAll(await create(), ALL, limit);
    const got: Item<T>[] = [];
    for (const _ of spread(wanted.length, RESUMED)) {
      const after = got.at(-1)?.cursor;
      const at = after === undefined ? ALL : { ...ALL, after };
      for await (const item of (await create()).read(at)) {
        got.push(item);
        break;
      }
    }
    checkValues('one item a reader', got, wanted.slice(0, RESUMED), equal);
  });

  suite.test('resume', 'of one rank gives the rest of that rank', async () => {
    for (const rank of [0, 1]) await resume((c) => c, { rank, worldSize: 2 });
  });
}

function rankTests<T>(
  suite: Suite,
  create: () => Awaitable<Source<T>>,
  equal: Equal<T>,
  limit: number,
): void {
  const partition = async (worldSize: number): Promise<void> => {
    const left = (await readAll(await create(), ALL, limit)).map((item) => item.value);
    const total = left.length;
    for (let rank = 0; rank < worldSize; rank++) {
      for (const { value } of await readAll(await create(), { rank, worldSize }, limit)) {
        const at = left.findIndex((other) => equal(other, value));
        check(
          at >= 0,
          () =>
            `rank ${rank} of ${worldSize} gives ${show(value)} that another gave, or nobody should`,
        );
        left.splice(at, 1);
      }
    }
    check(left.length === 0, () => `${worldSize} ranks leave out ${left.length} of ${total} items`);
  };

  suite.test('ranks', 'partition the items', async () => {
    for (const worldSize of [2, 3]) await partition(worldSize);
  });

  suite.test('ranks', 'may be more than the items', async () => {
    const { length } = await readAll(await create(), ALL, limit);
    await partition(Math.min(length + 2, 64));
  });

  suite.test('ranks', 'can be read at once', async () => {
    const source = await create();
    const both = await Promise.all(
      [0, 1].map((rank) => settled('reading', collect(source.read({ rank, worldSize: 2 }), limit))),
    );
    for (const rank of [0, 1]) {
      const alone = await readAll(await create(), { rank, worldSize: 2 }, limit);
      checkValues(`rank ${rank}`, both[rank], alone, equal);
    }
  });
}

/** Registers the conformance tests of `Source`: repeatable, resumable after any cursor, split by rank, closable. */
export function sourceSuite<T>(options: SourceSuiteOptions<T>): void {
  const { runner, create, equal = deepEqual, limit = 10_000, waivers } = options;
  const suite = new Suite();
  readingTests(suite, create, equal, limit);
  resumeTests(suite, create, equal, limit);
  rankTests(suite, create, equal, limit);
  suite.register('source', runner, waivers);
}
