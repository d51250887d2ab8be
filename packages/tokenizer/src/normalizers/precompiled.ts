import { type AlignedText, TextEditor } from '../aligned-text.js';
import { bad } from '../json-reader.js';
import type { Normalizer } from '../parts.js';
import { applyChanges, type Changes } from './changes.js';
import { Charsmap } from './charsmap.js';
import { graphemeEnd } from './graphemes.js';

/** Graphemes of so many bytes are read character by character. */
const LONG = 6;

/**
 * The map of characters that a SentencePiece model comes with. It is asked for each short grapheme, then for
 * each character.
 *
 * @param base64 the map as it stands in a `tokenizer.json`
 * @param place where it stands, for errors
 */
export function precompiled(base64: string, place = 'precompiled_charsmap'): Normalizer {
  const charsmap = base64 === '' ? undefined : new Charsmap(bytesOf(base64, place), place);
  return {
    normalize: (text) => (charsmap ? mapped(text, charsmap) : text),
    toJSON: () => ({ type: 'Precompiled', precompiled_charsmap: base64 }),
  };
}

function bytesOf(base64: string, place: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    throw bad(place, 'is not base64');
  }
}

function mapped(text: AlignedText, charsmap: Charsmap): AlignedText {
  const editor = new TextEditor(text);
  const source = text.text;
  let removedFirst = false;
  eachPart(source, charsmap, (start, end, becomes) => {
    editor.keepTo(start);
    removedFirst ||= becomes === '' && start === 0;
    const parts = [...becomes];
    while (editor.at < end && parts.length > 0) editor.replace(parts.shift() as string);
    editor.insert(parts.join(''));
    while (editor.at < end) editor.skip();
  });
  return removedFirst ? mappedFromRemoved(text, charsmap) : editor.done();
}

/** Calls `replaced` with each stretch of a text that becomes another. */
function eachPart(
  text: string,
  charsmap: Charsmap,
  replaced: (start: number, end: number, becomes: string) => void,
): void {
  for (let start = 0; start < text.length; ) {
    const end = graphemeEnd(text, start);
    if (end === start + 1) {
      const alone = charsmap.ofUnit(text.charCodeAt(start));
      if (alone !== undefined) replaced(start, end, alone);
      start = end;
      continue;
    }
    const becomes = ofGrapheme(text.slice(start, end), charsmap);
    if (becomes !== undefined) {
      replaced(start, end, becomes);
      start = end;
    }
    while (start < end) {
      const next = start + ((text.codePointAt(start) as number) > 0xffff ? 2 : 1);
      const alone = charsmap.get(text.slice(start, next));
      if (alone !== undefined) replaced(start, next, alone);
      start = next;
    }
  }
}

function ofGrapheme(grapheme: string, charsmap: Charsmap): string | undefined {
  return byteLength(grapheme) < LONG ? charsmap.get(grapheme) : undefined;
}

/**
 * Where the first character goes without a trace, Hugging Face's tokenizers let all others stand for the one
 * that is as many places before them.
 */
function mappedFromRemoved(text: AlignedText, charsmap: Charsmap): AlignedText {
  const changes: Changes = { chars: [], changes: [] };
  let at = 0;
  const keepTo = (end: number): void => {
    for (const char of text.text.slice(at, end)) addReplaced(changes, char, char);
  };
  eachPart(text.text, charsmap, (start, end, becomes) => {
    keepTo(start);
    addReplaced(changes, text.text.slice(start, end), becomes);
    at = end;
  });
  keepTo(text.length);
  const editor = new TextEditor(text);
  applyChanges(editor, text.length, changes);
  return editor.done();
}

/** What is removed goes with the character before it. */
function addReplaced({ chars, changes }: Changes, old: string, becomes: string): void {
  const parts = [...becomes];
  const more = parts.length - [...old].length;
  for (const [i, part] of parts.entries()) {
    chars.push(part);
    changes.push(i >= parts.length - more ? 1 : 0);
  }
  if (more < 0 && changes.length > 0) changes[changes.length - 1] += more;
}

function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) length += 1;
    // Two halves of a pair have two bytes each.
    else length += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
  }
  return length;
}
