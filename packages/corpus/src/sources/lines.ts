/** A line of bytes without its line end, or how long it was when that is too long to hold. */
export interface Line {
  /** Counts from 1. */
  readonly number: number;
  readonly bytes: Buffer | undefined;
  readonly length: number;
}

/**
 * The lines in pieces of bytes, ended by `\n` or `\r\n`. A line over `maxBytes` is passed over
 * without being held: never more than `maxBytes` and one piece are in memory.
 */
export async function* splitLines(
  pieces: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let number = 0;
  let length = 0;
  let held: Buffer[] = [];

  const take = (part: Buffer): void => {
    length += part.length;
    // One byte of grace for the '\r' of a line that just fits.
    if (length > maxBytes + 1) held = [];
    else held.push(part);
  };
  const finish = (): Line => {
    let bytes = length > maxBytes + 1 ? undefined : Buffer.concat(held);
    if (bytes && bytes[bytes.length - 1] === 0x0d) bytes = bytes.subarray(0, -1);
    if (bytes && bytes.length > maxBytes) bytes = undefined;
    const line = { number: ++number, bytes, length: bytes?.length ?? length };
    held = [];
    length = 0;
    return line;
  };

  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      take(piece.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < piece.length) take(piece.subarray(start));
  }
  if (length > 0) yield finish();
}
