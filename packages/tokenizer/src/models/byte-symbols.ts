import { BYTE_CHARS, writeUtf8 } from '../byte-alphabet.js';
import type { Symbolize } from './character-symbols.js';

/**
 * The UTF-8 bytes of a piece (Radford et al. 2019); undefined where the vocabulary lacks one of the 256
 * characters of the byte alphabet.
 */
export function byteSymbols(vocab: ReadonlyMap<string, number>): Symbolize | undefined {
  if (!BYTE_CHARS.every((char) => vocab.has(char))) return undefined;
  const byteIds = Int32Array.from(BYTE_CHARS, (char) => vocab.get(char) as number);
  let bytes = new Uint8Array(256);
  return (text, start, end, out) => {
    const most = (end - start) * 3;
    if (bytes.length < most) bytes = new Uint8Array(most);
    const length = writeUtf8(text, start, end, bytes);
    out.reserve(length);
    const { ids, starts, ends } = out;
    out.length = length;
    for (let i = 0; i < length; i++) ids[i] = byteIds[bytes[i]];
    if (!out.tracked) return;
    for (let i = 0, at = start; i < length; ) {
      const size = utf8Length(bytes[i]);
      const next = size === 4 ? at + 2 : at + 1;
      for (const after = i + size; i < after; i++) {
        starts[i] = at;
        ends[i] = next;
      }
      at = next;
    }
  };
}

/** Bytes of a character, by its first. */
function utf8Length(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
