import { alphabetBytes } from '../byte-alphabet.js';
import type { Decoder } from '../parts.js';

/** Tokens back to the bytes that their characters stand for; a token with other characters stands for itself. */
export function byteLevelDecoder(): Decoder {
  const utf8 = new TextEncoder();
  const bytesOf = (token: string): Uint8Array => alphabetBytes(token) ?? utf8.encode(token);
  return {
    bytesOf,
    decodeChain: (tokens) => [utf8Text(tokens.map(bytesOf))],
    toJSON: () => ({
      type: 'ByteLevel',
      add_prefix_space: true,
      trim_offsets: true,
      use_regex: true,
    }),
  };
}

/** The text of all bytes together; what is not UTF-8 becomes U+FFFD, as the Encoding Standard says. */
export function utf8Text(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return parts.map((bytes) => decoder.decode(bytes, { stream: true })).join('') + decoder.decode();
}
