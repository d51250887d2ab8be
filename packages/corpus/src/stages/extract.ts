import type { Document } from '@heddle/core';
import { requireInteger } from '../argument.js';
import { type DocumentStage, documentStage, type Outcome } from '../pipeline.js';
import { htmlToText } from './html-text.js';
import { markdownToText } from './markdown-text.js';

export interface ExtractOptions {
  /**
   * Marked-up documents with more UTF-16 units than this are dropped (`too-long-to-extract`): the
   * time that Markdown takes can grow faster than its length. Default 1,000,000.
   */
  readonly maxMarkup?: number;
}

/**
 * Turns Markdown and HTML, as `meta.type` says (`markdown`, `html`), into plain text; other
 * documents pass. Afterwards `meta.type` is `text` and `meta.extractedFrom` what it was.
 * Drops: `too-long-to-extract`, `too-complex` (more than 10,000 marks in one Markdown block, over
 * which the parser would take minutes), `extract-failed` (nested too deeply), `no-text`.
 */
export function extract(options: ExtractOptions = {}): DocumentStage {
  const { maxMarkup = 1_000_000 } = options;
  requireInteger('maxMarkup', maxMarkup, 1);
  return documentStage('extract', () => (document) => extracted(document, maxMarkup));
}

function extracted(document: Document, maxMarkup: number): Outcome {
  const { type } = document.meta;
  if (type !== 'markdown' && type !== 'html') return document;
  if (document.text.length > maxMarkup) return { drop: 'too-long-to-extract' };
  if (type === 'markdown' && isTooComplex(document.text)) return { drop: 'too-complex' };
  let text: string;
  try {
    text = type === 'html' ? htmlToText(document.text) : markdownToText(document.text);
  } catch (error) {
    // Thousands of nested quotes or elements: the stack overflowed, or was kept from it.
    if (error instanceof RangeError) return { drop: 'extract-failed' };
    throw error;
  }
  if (text === '') return { drop: 'no-text' };
  return { ...document, text, meta: { ...document.meta, type: 'text', extractedFrom: type } };
}

/** Marks in a block from which on the quadratic time of inline parsing hurts. */
const MAX_MARKS = 10_000;

function isTooComplex(markdown: string): boolean {
  return markdown.split(/\n[ \t]*\n/).some((block) => {
    if (block.length <= MAX_MARKS) return false;
    let marks = 0;
    for (const _ of block.matchAll(/[[>*_`]/g)) marks++;
    return marks > MAX_MARKS;
  });
}
