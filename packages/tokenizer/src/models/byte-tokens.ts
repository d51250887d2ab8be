/** The ids of the tokens `<0x00>` to `<0xFF>`, which stand for bytes; -1 where there is none. */
export function byteTokens(vocab: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return vocab.get(`<0x${hex}>`) ?? -1;
  });
}

/** Whether each of these bytes has a token. */
export function haveTokens(tokens: Int32Array, bytes: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (tokens[bytes[i]] < 0) return false;
  return true;
}
