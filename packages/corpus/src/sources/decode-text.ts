import { isUtf8 } from 'node:buffer';

/** Why bytes are not text. */
export type NotText = 'binary' | 'invalid-utf8';

export interface Decoded {
  readonly text: string;
  /** How many malformed sequences became U+FFFD. */
  readonly replaced: number;
}

/**
 * The text in `bytes`: UTF-8, or UTF-16 where a byte order mark says so; the mark is left out. A
 * NUL character means a binary file. Malformed sequences become U+FFFD, as the WHATWG Encoding
 * standard has it, up to `maxInvalidRatio` of the characters.
 */
export function decodeText(bytes: Uint8Array, maxInvalidRatio: number): Decoded | NotText {
  const wide = utf16Encoding(bytes);
  if (wide === undefined && isUtf8(bytes)) {
    const text = new TextDecoder('utf-8').decode(bytes);
    return text.includes('\0') ? 'binary' : { text, replaced: 0 };
  }
  const text = new TextDecoder(wide ?? 'utf-8').decode(bytes);
  if (text.includes('\0')) return 'binary';
  const replaced = occurrences(text, '\ufffd');
  return replaced > maxInvalidRatio * text.length ? 'invalid-utf8' : { text, replaced };
}

/** The UTF-16 flavour that a byte order mark at the start of `bytes` names. */
export function utf16Encoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** `text` with lone surrogates, which no encoding can write, as U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

function occurrences(text: string, what: string): number {
  let count = 0;
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + what.length)) count++;
  return count;
}
