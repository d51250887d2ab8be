import type { Cursor, Item } from '@heddle/core';

interface UpstreamOptions {
  /** Begins with this value. */
  readonly from?: number;
  /** Throws `failure` instead of giving this item (counted from the first given). */
  readonly failAt?: number;
  readonly failure?: Error;
}

/** Items for a stage, with counts of what the stage did to them. */
export class Upstream<T> implements AsyncIterable<Item<T>> {
  /** Items asked for. */
  pulled = 0;
  /** Iterators begun that are neither at their end nor closed. */
  open = 0;
  readonly #values: readonly T[];
  readonly #options: UpstreamOptions;

  constructor(values: readonly T[], options: UpstreamOptions = {}) {
    this.#values = values;
    this.#options = options;
  }

  /** The number of the value that a cursor belongs to. */
  static indexOf(cursor: Cursor): number | undefined {
    const isOurs = typeof cursor === 'object' && cursor !== null && 'upstream' in cursor;
    return isOurs && typeof cursor.upstream === 'number' ? cursor.upstream : undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item<T>> {
    const { from = 0, failAt, failure } = this.#options;
    this.open++;
    try {
      for (let i = from; i < this.#values.length; i++) {
        this.pulled++;
        if (i - from === failAt) throw failure;
        yield { value: this.#values[i], cursor: { upstream: i } };
      }
      if (failAt === this.#values.length - from) throw failure;
    } finally {
      this.open--;
    }
  }
}
