import type { TextEditor } from '../aligned-text.js';

/**
 * What becomes of a text, character by character, as `NormalizedString::transform` of Hugging Face's tokenizers
 * counts it: a change of 1 is a new character; 0 takes the place of the next old one; -n too, and n more old ones go.
 */
export interface Changes {
  readonly chars: string[];
  readonly changes: number[];
}

/** Puts what `changes` make of the source up to `end` in its place. */
export function applyChanges(editor: TextEditor, end: number, { chars, changes }: Changes): void {
  for (let i = 0; i < chars.length; i++) {
    if (changes[i] > 0 || editor.at >= end) editor.insert(chars[i]);
    else {
      editor.replace(chars[i]);
      for (let left = changes[i]; left < 0 && editor.at < end; left++) editor.skip();
    }
  }
  while (editor.at < end) editor.skip();
}

/** Whether all of a text is ASCII, which most normalizers leave as it is. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
