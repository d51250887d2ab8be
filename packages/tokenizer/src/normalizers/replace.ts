import { type AlignedText, TextEditor } from '../aligned-text.js';
import type { Normalizer } from '../parts.js';
import type { Pattern } from '../regex/read.js';

/** Puts `content`, as it stands, in the place of each match; it stands for the last character of the match. */
export function replace(pattern: Pattern, content: string): Normalizer {
  return {
    normalize: (text) => replaced(text, pattern, content),
    toJSON: () => ({ type: 'Replace', pattern: pattern.json, content }),
  };
}

export function replaced(text: AlignedText, pattern: Pattern, content: string): AlignedText {
  const editor = new TextEditor(text);
  pattern.matches(text.text, 0, text.length, (start, end) => {
    editor.keepTo(start);
    while (editor.at < end) editor.skip();
    editor.insert(content);
  });
  return editor.done();
}
