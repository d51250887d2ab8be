import { createHash } from 'node:crypto';
import type { Document } from '@heddle/core';
import { requireInteger } from '../argument.js';
import { type DocumentStage, documentStage } from '../pipeline.js';

export interface ChunkOptions {
  /** The most UTF-16 units of a part. */
  readonly maxCharacters: number;
  /**
   * All parts of a document fall on one side of the split, so that what is held out is whole
   * documents (`meta.splitKey`). Default false: each part falls by itself, which one long text
   * needs to have a held-out part at all, but held-out parts then have neighbours in training.
   */
  readonly keepTogether?: boolean;
}

/**
 * Cuts long documents into parts, at a blank line if one lies in the last half of a part, else at
 * a line end, else at a space. Parts are documents of their own (`id#1`, `id#2` …, `meta.part`),
 * each filtered, deduplicated and, unless `keepTogether`, split by itself: use it for books, or
 * where one file is the whole corpus.
 */
export function chunk(options: ChunkOptions): DocumentStage {
  const { maxCharacters, keepTogether = false } = options;
  requireInteger('maxCharacters', maxCharacters, 2);
  return documentStage('chunk', () => (document) => {
    if (document.text.length <= maxCharacters) return document;
    const splitKey: Document['meta'] = keepTogether ? { splitKey: hash(document.text) } : {};
    return parts(document.text, maxCharacters).map(
      (text, i): Document => ({
        id: `${document.id}#${i + 1}`,
        text,
        meta: { ...document.meta, part: i + 1, ...splitKey },
      }),
    );
  });
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function parts(text: string, maxCharacters: number): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end =
      start + maxCharacters >= text.length ? text.length : cut(text, start, maxCharacters);
    const part = text.slice(start, end).trim();
    if (part !== '') found.push(part);
    start = end;
  }
  return found;
}

/** Where the part that begins at `start` ends. */
function cut(text: string, start: number, maxCharacters: number): number {
  const window = text.slice(start, start + maxCharacters);
  for (const mark of ['\n\n', '\n', ' ']) {
    const at = window.lastIndexOf(mark);
    if (at >= maxCharacters / 2) return start + at + mark.length;
  }
  const end = start + maxCharacters;
  const splitsPair = /[\udc00-\udfff]/.test(text[end]) && /[\ud800-\udbff]/.test(text[end - 1]);
  return splitsPair ? end - 1 : end;
}
