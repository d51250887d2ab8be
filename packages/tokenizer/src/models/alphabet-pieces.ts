import { BYTE_CHARS, writeUtf8 } from '../byte-alphabet.js';
import { IdList } from '../id-list.js';
import { addSpan, type EncodePiece } from './piece-cache.js';

/** The characters of the byte alphabet for the UTF-8 bytes of `text[start, end)`. */
export function toAlphabet(text: string, start: number, end: number): string {
  const bytes = new Uint8Array((end - start) * 3);
  const length = writeUtf8(text, start, end, bytes);
  let alphabet = '';
  for (let i = 0; i < length; i++) alphabet += BYTE_CHARS[bytes[i]];
  return alphabet;
}

/** Encodes the bytes of a piece, written in the byte alphabet, instead of its characters. */
export function overAlphabet(encode: EncodePiece): EncodePiece {
  return (text, start, end, out, spans) => {
    const alphabet = toAlphabet(text, start, end);
    if (!spans) {
      encode(alphabet, 0, alphabet.length, out);
      return;
    }
    const inAlphabet = new IdList(64);
    encode(alphabet, 0, alphabet.length, out, inAlphabet);
    const units = charactersOf(text, start, end);
    for (let i = 0; i < inAlphabet.length; i += 2) {
      const first = inAlphabet.data[i];
      const last = inAlphabet.data[i + 1] - 1;
      addSpan(spans, units[2 * first], units[2 * last + 1]);
    }
  };
}

/** Two numbers a byte: where the character that it is of begins and ends. */
function charactersOf(text: string, start: number, end: number): Int32Array {
  const units = new IdList(2 * (end - start));
  const bytes = new Uint8Array(4);
  for (let at = start; at < end; ) {
    const next = at + 1 < end && (text.codePointAt(at) as number) > 0xffff ? at + 2 : at + 1;
    const length = writeUtf8(text, at, next, bytes);
    for (let i = 0; i < length; i++) addSpan(units, at, next);
    at = next;
  }
  return units.toArray();
}
