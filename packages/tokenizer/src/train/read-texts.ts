import { HeddleError, type Json } from '@heddle/core';
import { EventLoop } from './event-loop.js';

/** The corpus: one document an item. */
export type Texts = Iterable<string> | AsyncIterable<string>;

export interface ReadOptions {
  readonly onProgress?: (progress: ReadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ReadProgress {
  readonly phase: 'read';
  /** UTF-16 units read. */
  readonly done: number;
  /** Different pieces seen. */
  readonly pieces: number;
}

/** What is done with the texts that are read. */
export interface TextSink {
  /** May be asynchronous: no text is read meanwhile. */
  add(text: string): void | Promise<void>;
  /** Different pieces seen so far. */
  pieces(): number;
}

/** After so many UTF-16 units: progress. */
const UNITS_A_REPORT = 1 << 22;

/**
 * Reads all texts, one after the other.
 *
 * @throws what the source throws; the signal's reason; `invalid-argument` for what is not a string
 */
export async function readTexts(
  texts: Texts,
  { onProgress, signal }: ReadOptions,
  sink: TextSink,
): Promise<void> {
  const loop = new EventLoop(signal);
  let done = 0;
  let count = 0;
  let reportAt = UNITS_A_REPORT;
  const report = (): void => onProgress?.({ phase: 'read', done, pieces: sink.pieces() });
  /** A promise only where there is something to wait for. */
  const take = (text: unknown): Promise<void> | undefined => {
    if (typeof text !== 'string') throw notText(text, count);
    count++;
    const added = sink.add(text);
    done += text.length;
    if (done >= reportAt) {
      reportAt = done + UNITS_A_REPORT;
      report();
    }
    return added ?? loop.turnIfDue();
  };
  if (Symbol.asyncIterator in texts) {
    for await (const text of texts) await take(text);
  } else {
    for (const text of texts) {
      const wait = take(text);
      if (wait) await wait;
    }
  }
  report();
  signal?.throwIfAborted();
}

function notText(given: unknown, index: number): HeddleError {
  const shown = given === null ? 'null' : `a ${typeof given}`;
  return new HeddleError(
    'invalid-argument',
    `texts: item ${index} is ${shown}; each item should be a string, the text of one document.`,
    { argument: 'texts', given: shown satisfies Json },
  );
}
