import { type AlignedText, TextEditor } from '../aligned-text.js';
import type { Normalizer } from '../parts.js';
import { isSpace } from '../unicode/white-space.js';

export interface StripOptions {
  /** Takes the white space at the beginning away. */
  readonly left: boolean;
  /** Takes the white space at the end away. */
  readonly right: boolean;
}

/** Takes the white space around a text away. */
export function strip({ left, right }: StripOptions): Normalizer {
  return {
    normalize: (text) => stripped(text, left, right),
    toJSON: () => ({ type: 'Strip', strip_left: left, strip_right: right }),
  };
}

function stripped(text: AlignedText, left: boolean, right: boolean): AlignedText {
  const { length } = text;
  let start = 0;
  let end = length;
  if (left) while (start < length && isSpace(text.text.charCodeAt(start))) start++;
  if (right) while (end > start && isSpace(text.text.charCodeAt(end - 1))) end--;
  const editor = new TextEditor(text);
  while (editor.at < start) editor.skip();
  editor.keepTo(end);
  while (editor.at < length) editor.skip();
  return editor.done();
}
