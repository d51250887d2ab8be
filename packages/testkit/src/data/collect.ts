import type { Item, ReadOptions, Source } from '@heddle/core';
import { check } from '../assert.js';

/** How long something may take before it counts as hanging, in milliseconds. */
const PATIENCE = 20_000;

/** Waits for `promise`; throws if it does not settle. */
export async function settled<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} hangs`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** All items, of which there may be at most `limit`. */
export async function collect<T>(items: AsyncIterable<Item<T>>, limit: number): Promise<Item<T>[]> {
  const collected: Item<T>[] = [];
  for await (const item of items) {
    collected.push(item);
    check(
      collected.length <= limit,
      `more than ${limit} items came: give the suite a small source that ends (or raise \`limit\`)`,
    );
  }
  return collected;
}

/** What a source gives, within patience. */
export function readAll<T>(source: Source<T>, at: ReadOptions, limit: number): Promise<Item<T>[]> {
  return settled(`reading "${source.name}"`, collect(source.read(at), limit));
}

/** Throws unless both lists have equal values in the same order. */
export function checkValues<T>(
  what: string,
  got: readonly Item<T>[],
  wanted: readonly Item<T>[],
  equal: (a: T, b: T) => boolean,
): void {
  const at = wanted.findIndex((item, i) => i >= got.length || !equal(got[i].value, item.value));
  const same = at < 0 && got.length === wanted.length;
  const first = at < 0 ? wanted.length : at;
  check(same, () =>
    got.length === wanted.length
      ? `${what}: item ${first} of ${wanted.length} is another one`
      : `${what}: ${got.length} items came where ${wanted.length} should; the first difference is at ${first}`,
  );
}

/** Up to `count` of the numbers below `length`, evenly spread, the first and the last among them. */
export function spread(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / (count - 1)));
}
