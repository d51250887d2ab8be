import { HeddleError, type Json } from '@heddle/core';

/** Reads values out of JSON that may hold anything; errors name the place. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function bad(place: string, reason: string): HeddleError<'tokenizer/bad-json'> {
  return new HeddleError('tokenizer/bad-json', `tokenizer.json, ${place}: ${reason}.`, {
    place,
    reason,
  });
}

export function unsupported(
  place: string,
  given: unknown,
  supported: string,
): HeddleError<'tokenizer/unsupported'> {
  return new HeddleError(
    'tokenizer/unsupported',
    `tokenizer.json, ${place}: ${shown(given)} is not supported; supported: ${supported}.`,
    { place, given: (given ?? null) as Json },
  );
}

/** A value for a message: short, whatever was given. */
export function shown(value: unknown): string {
  try {
    const json = JSON.stringify(value) ?? 'undefined';
    return json.length > MOST_SHOWN ? `${json.slice(0, MOST_SHOWN)}…` : json;
  } catch {
    return `${kindOf(value)} in too many others`; // it overflows the stack
  }
}

const MOST_SHOWN = 200;

export function objectAt(value: unknown, place: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(place, `should be an object, is ${kindOf(value)}`);
  }
  return value as JsonObject;
}

export function arrayAt(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw bad(place, `should be an array, is ${kindOf(value)}`);
  return value;
}

export function stringAt(value: unknown, place: string): string {
  if (typeof value !== 'string') throw bad(place, `should be a string, is ${kindOf(value)}`);
  return value;
}

/** A boolean that may be left out. */
export function flagAt(value: unknown, place: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean') throw bad(place, `should be true or false, is ${kindOf(value)}`);
  return value;
}

export function idAt(value: unknown, place: () => string, limit: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= limit) {
    throw bad(
      place(),
      `should be an id, a whole number from 0 to ${limit - 1}, is ${shown(value)}`,
    );
  }
  return value;
}

/** Refuses keys that are not known, which might change the meaning of the rest. */
export function onlyKeys(object: JsonObject, known: readonly string[], place: string): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    const shown = key === '' ? '""' : key;
    throw unsupported(place === '' ? shown : `${place}.${shown}`, object[key], known.join(', '));
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Reads a section of one type; `depth` counts the sequences that it stands in. */
export type PartReader<T> = (section: JsonObject, place: string, depth: number) => T;

/** A part of a tokenizer, read as its `type` says. */
export function partAt<T>(
  value: unknown,
  place: string,
  depth: number,
  readers: ReadonlyMap<unknown, PartReader<T>>,
): T {
  const section = objectAt(value, place);
  const read = readers.get(section.type);
  if (!read) throw unsupported(`${place}.type`, section.type, [...readers.keys()].join(', '));
  return read(section, place, depth);
}

/** Reads a part without options. */
export function plainPart<T>(make: () => T): PartReader<T> {
  return (section, place) => {
    onlyKeys(section, ['type'], place);
    return make();
  };
}

/** Sequences in sequences are read so deep. */
const DEEPEST = 20;

/** The steps of a `Sequence`, which may be sequences again. */
export function stepsAt<T>(
  section: JsonObject,
  key: string,
  place: string,
  depth: number,
  read: (value: unknown, place: string, depth: number) => T,
): T[] {
  onlyKeys(section, ['type', key], place);
  if (depth > DEEPEST) throw bad(place, 'holds sequences in sequences too deep');
  const at = `${place}.${key}`;
  return arrayAt(section[key], at).map((step, i) => read(step, `${at}[${i}]`, depth + 1));
}

/** A whole number from 0 on. */
export function wholeAt(value: unknown, place: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(place, `should be a whole number from 0 on, is ${shown(value)}`);
}
