import fc from 'fast-check';

/** Bytes from `at` on, by its remainder: so many go, and one comes. */
export interface ByteChange {
  readonly at: number;
  readonly byte: number;
  readonly length: number;
}

export const byteChanges: fc.Arbitrary<ByteChange[]> = fc.array(
  fc.record({ at: fc.nat(1 << 20), byte: fc.nat(255), length: fc.nat(12) }),
  { minLength: 1, maxLength: 4 },
);

/** A file in which bytes are replaced, put in or taken out. */
export function brokenBytes(file: Uint8Array, changes: readonly ByteChange[]): Uint8Array {
  let bytes = file;
  for (const { at, byte, length } of changes) {
    const start = at % (bytes.length + 1);
    const rest = bytes.subarray(start + length);
    const changed = new Uint8Array(start + 1 + rest.length);
    changed.set(bytes.subarray(0, start));
    changed[start] = byte;
    changed.set(rest, start + 1);
    bytes = changed;
  }
  return bytes;
}
