import { type AlignedText, TextEditor } from '../aligned-text.js';
import type { Normalizer } from '../parts.js';
import { applyChanges, isAscii } from './changes.js';
import { compose } from './composition.js';
import { decompose, hasManyMarks } from './decomposition.js';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * A normalization form of Unicode.
 *
 * Source: UAX #15; what is new since Unicode 9 is left as it is, as by the crate
 * unicode-normalization-alignments.
 */
export function unicodeForm(form: UnicodeForm): Normalizer {
  return { normalize: (text) => toUnicodeForm(text, form), toJSON: () => ({ type: form }) };
}

export function toUnicodeForm(text: AlignedText, form: UnicodeForm): AlignedText {
  const source = text.text;
  if (isAscii(source)) return text;
  const isNormal = hasManyMarks(source)
    ? (): boolean => false // there is no telling in a short time
    : (part: string): boolean => part.normalize(form) === part;
  if (isNormal(source)) return text;
  const editor = new TextEditor(text);
  for (const { 0: stretch, index } of source.matchAll(STRETCHES)) {
    if (isNormal(stretch)) continue;
    const parts = decompose(stretch, form === 'NFKC' || form === 'NFKD');
    const changes = form === 'NFC' || form === 'NFKC' ? compose(parts) : parts;
    editor.keepTo(index);
    applyChanges(editor, index + stretch.length, changes);
  }
  return editor.done();
}

/** What stands apart from the rest: no character of ASCII joins one before it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are part of ASCII
const STRETCHES = /[\x00-\x7f]?[^\x00-\x7f]+/g;
