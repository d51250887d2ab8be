/**
 * GPT-2's alphabet: every byte has a printable character, so that byte strings can stand in JSON.
 * Bytes that print as Latin-1 stand for themselves, the other 68 are U+0100 and up, in order.
 */
export const BYTE_CHARS: readonly string[] = /* @__PURE__ */ byteChars();

function byteChars(): string[] {
  const chars: string[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    chars.push(String.fromCharCode(printable ? byte : next++));
  }
  return chars;
}

const FIRST_UNUSED = 0x144;

const CHAR_BYTES: Int16Array = /* @__PURE__ */ charBytes();

function charBytes(): Int16Array {
  const bytes = new Int16Array(FIRST_UNUSED).fill(-1);
  for (const [byte, char] of BYTE_CHARS.entries()) bytes[char.charCodeAt(0)] = byte;
  return bytes;
}

/** The byte that a UTF-16 unit stands for in GPT-2's alphabet, or -1. */
export function byteOfChar(unit: number): number {
  return unit < FIRST_UNUSED ? CHAR_BYTES[unit] : -1;
}

/** The bytes that a token of the alphabet stands for; undefined where it has another character. */
export function alphabetBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfChar(token.charCodeAt(i));
    if (byte < 0) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** Writes `text[start, end)` as UTF-8 to `out` from 0 on and returns the length; lone surrogates become U+FFFD. */
export function writeUtf8(text: string, start: number, end: number, out: Uint8Array): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    let point = text.charCodeAt(at);
    if (point < 0x80) {
      out[length++] = point;
      continue;
    }
    if (point < 0x800) {
      out[length++] = 0xc0 | (point >> 6);
      out[length++] = 0x80 | (point & 0x3f);
      continue;
    }
    if ((point & 0xf800) === 0xd800) {
      const low = at + 1 < end ? text.charCodeAt(at + 1) : 0;
      if (point < 0xdc00 && (low & 0xfc00) === 0xdc00) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        at++;
        out[length++] = 0xf0 | (point >> 18);
        out[length++] = 0x80 | ((point >> 12) & 0x3f);
        out[length++] = 0x80 | ((point >> 6) & 0x3f);
        out[length++] = 0x80 | (point & 0x3f);
        continue;
      }
      point = 0xfffd;
    }
    out[length++] = 0xe0 | (point >> 12);
    out[length++] = 0x80 | ((point >> 6) & 0x3f);
    out[length++] = 0x80 | (point & 0x3f);
  }
  return length;
}
