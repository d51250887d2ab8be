import { type AlignedText, TextEditor } from '../aligned-text.js';

/**
 * Changes a text character by character: `change` is given a code point, and gives what takes its place, '' to
 * leave it out, undefined to keep it.
 */
export function eachCharacter(
  text: AlignedText,
  change: (point: number) => string | undefined,
): AlignedText {
  const editor = new TextEditor(text);
  for (let at = 0; at < text.length; ) {
    const point = text.text.codePointAt(at) as number;
    const changed = change(point);
    if (changed !== undefined) {
      editor.keepTo(at);
      if (changed === '') editor.skip();
      else editor.replace(changed);
    }
    at += point > 0xffff ? 2 : 1;
  }
  return editor.done();
}
