const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The numbers of a packed table: five bits a character, lowest first, 32 marks that more follow. */
export function unpackNumbers(packed: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (let i = 0; i < packed.length; i++) {
    const digit = DIGITS.indexOf(packed[i]);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value);
    value = 0;
    shift = 0;
  }
  return numbers;
}

/** A table by code point of runs packed as lengths outside and inside by turns: 1 for the members. */
export function unpackMembers(packed: string): Uint8Array {
  const members = new Uint8Array(0x110000);
  let point = 0;
  let inside = 0;
  for (const length of unpackNumbers(packed)) {
    if (inside) members.fill(1, point, point + length);
    point += length;
    inside ^= 1;
  }
  return members;
}

/** A table by code point of runs packed as lengths and kinds. */
export function unpackKinds(packed: string): Uint8Array {
  const kinds = new Uint8Array(0x110000);
  const numbers = unpackNumbers(packed);
  let point = 0;
  for (let i = 0; i < numbers.length; i += 2) {
    kinds.fill(numbers[i + 1], point, point + numbers[i]);
    point += numbers[i];
  }
  return kinds;
}

/** What `make` makes when it is first asked for: a table takes room only where it is needed. */
export function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
