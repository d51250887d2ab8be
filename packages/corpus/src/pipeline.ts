import type { Document, Item, ReadOptions } from '@heddle/core';

/** A document, file or line that went no further. */
export interface Drop {
  /** The document's id, a file's path, or `path:line`. */
  readonly id: string;
  /** A short fixed name, e.g. `too-short`: what reports count by. */
  readonly reason: string;
  /** UTF-8 bytes of text (for files and lines not yet read as text: bytes on disk). */
  readonly bytes: number;
}

export type OnDrop = (drop: Drop) => void;

/**
 * A core `Source<Document>` that also tells what it leaves out, where asked to. Any core source
 * fits: it just does not tell.
 */
export interface DocumentSource {
  readonly name: string;
  read(at: ReadOptions, onDrop?: OnDrop): AsyncIterable<Item<Document>>;
}

/**
 * A core `Stage<Document, Document>` that also tells what it drops, where asked to. Its name in
 * reports is the function's `name`. Any core stage fits; what it drops is counted as `unreported`.
 */
export interface DocumentStage {
  (items: AsyncIterable<Item<Document>>, onDrop?: OnDrop): AsyncIterable<Item<Document>>;
  readonly name: string;
}

/** What a document becomes: another document, several, or nothing and the reason for it. */
export type Outcome = Document | readonly Document[] | { readonly drop: string };

/**
 * A stage from a function of one document. `start` runs once a reading, so that state (the hashes
 * of a deduplication) belongs to one reading and not to the stage. Where one document becomes several,
 * all carry its cursor: resuming after any of them goes on with the next document.
 */
export function documentStage(
  name: string,
  start: () => (document: Document) => Outcome,
): DocumentStage {
  const stage = async function* (
    items: AsyncIterable<Item<Document>>,
    onDrop?: OnDrop,
  ): AsyncGenerator<Item<Document>> {
    const change = start();
    for await (const { value, cursor } of items) {
      const outcome = change(value);
      if ('drop' in outcome) {
        onDrop?.({ id: value.id, reason: outcome.drop, bytes: Buffer.byteLength(value.text) });
      } else if (isList(outcome)) {
        for (const document of outcome) yield { value: document, cursor };
      } else {
        yield { value: outcome, cursor };
      }
    }
  };
  Object.defineProperty(stage, 'name', { value: name });
  return stage;
}

function isList(outcome: Document | readonly Document[]): outcome is readonly Document[] {
  return Array.isArray(outcome);
}
