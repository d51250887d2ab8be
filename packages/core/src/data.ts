import type { Json } from './json.js';
import type { Cursor } from './training.js';

/** A value and where reading goes on after it. */
export interface Item<T> {
  readonly value: T;
  readonly cursor: Cursor;
}

export interface ReadOptions {
  /** This reader is number `rank` of `worldSize` that share the source. */
  readonly rank: number;
  readonly worldSize: number;
  /** Goes on after the item that carried this cursor. */
  readonly after?: Cursor;
}

export interface Source<T> {
  readonly name: string;
  read(at: ReadOptions): AsyncIterable<Item<T>>;
}

/** A step of a pipeline. Cursors pass through, so that the end of a pipeline can be resumed from. */
export type Stage<A, B> = (items: AsyncIterable<Item<A>>) => AsyncIterable<Item<B>>;

export interface Document {
  /** Unique within its source: a path, a URL, a path and a line. */
  readonly id: string;
  readonly text: string;
  readonly meta: Readonly<Record<string, Json>>;
}

/** Rows of token ids on the host, as a loader yields them. All arrays are row-major [rows, length]. */
export interface TokenBatch {
  readonly rows: number;
  readonly length: number;
  readonly ids: Int32Array;
  /** What each position should predict; -100 counts for nothing. Absent: the objective makes them. */
  readonly targets?: Int32Array;
  /** Documents (or padding) packed in one row. */
  readonly segments?: Int32Array;
}
