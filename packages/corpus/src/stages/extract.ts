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
 * Drops: `too-long-to-extract`, `extract-failed` (nested too deeply to parse), `no-text`.
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
  let text: string;
  try {
    text = type === 'html' ? htmlToText(document.text) : markdownToText(document.text);
  } catch (error) {
    // The parsers recurse: thousands of nested quotes or lists overflow the stack.
    if (error instanceof RangeError) return { drop: 'extract-failed' };
    throw error;
  }
  if (text === '') return { drop: 'no-text' };
  return { ...document, text, meta: { ...document.meta, type: 'text', extractedFrom: type } };
}
