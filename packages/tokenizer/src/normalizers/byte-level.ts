import type { AlignedText } from '../aligned-text.js';
import { BYTE_CHARS, writeUtf8 } from '../byte-alphabet.js';
import type { Normalizer } from '../parts.js';
import { eachCharacter } from './each-character.js';

/** Writes a text as its UTF-8 bytes, in GPT-2's alphabet. */
export function byteLevelNormalizer(): Normalizer {
  return { normalize: toByteChars, toJSON: () => ({ type: 'ByteLevel' }) };
}

export function toByteChars(text: AlignedText): AlignedText {
  const bytes = new Uint8Array(4);
  return eachCharacter(text, (point) => {
    if (point > 0x20 && point < 0x7f) return undefined;
    const char = String.fromCodePoint(point);
    const length = writeUtf8(char, 0, char.length, bytes);
    let chars = '';
    for (let i = 0; i < length; i++) chars += BYTE_CHARS[bytes[i]];
    return chars;
  });
}
