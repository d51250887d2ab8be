import { HeddleError, type Json } from '@heddle/core';
import { bad, idAt, objectAt, onlyKeys, stringAt, unsupported, wholeAt } from './json-reader.js';
import { MOST_TOKENS } from './limits.js';
import { directionAt } from './truncation.js';

/** How encodings are filled up to one length. */
export interface Padding {
  /** A number of tokens, or the longest of a batch. */
  readonly length: number | 'longest';
  readonly padId: number;
  readonly padTypeId?: number;
  readonly padToken?: string;
  /** The length becomes a multiple of this. */
  readonly multipleOf?: number;
  /** Where the padding stands. Default 'right'. */
  readonly direction?: 'right' | 'left';
}

/** Longer encodings are not made of padding. */
const MOST_PADDED = 1 << 24;

/** The length to fill up to, of which the longest encoding has `longest`. */
export function paddedLength(longest: number, { length, multipleOf = 0 }: Padding): number {
  const wanted = length === 'longest' ? longest : checkedLength('length', length);
  const multiple = checkedLength('multipleOf', multipleOf);
  return multiple > 0 ? Math.ceil(wanted / multiple) * multiple : wanted;
}

function checkedLength(argument: string, given: number): number {
  if (Number.isInteger(given) && given >= 0 && given <= MOST_PADDED) return given;
  throw new HeddleError(
    'invalid-argument',
    `encode: padding.${argument} should be a whole number from 0 to ${MOST_PADDED}, is ${given}.`,
    { argument, given },
  );
}

/** `values` filled up with `pad` to `length` elements; longer ones stay. */
export function padded<A extends Int32Array | Uint8Array>(
  values: A,
  length: number,
  pad: number,
  direction: 'right' | 'left',
  width = 1,
): A {
  const missing = length * width - values.length;
  if (missing <= 0) return values;
  const out = new (values.constructor as new (size: number) => A)(length * width).fill(pad) as A;
  out.set(values, direction === 'left' ? missing : 0);
  return out;
}

/** The section `padding` of a `tokenizer.json`. */
export function paddingAt(value: unknown, place: string): Padding {
  const section = objectAt(value, place);
  const keys = [
    'strategy',
    'direction',
    'pad_to_multiple_of',
    'pad_id',
    'pad_type_id',
    'pad_token',
  ];
  onlyKeys(section, keys, place);
  const multiple = section.pad_to_multiple_of ?? null;
  return {
    length: strategyAt(section.strategy ?? 'BatchLongest', `${place}.strategy`),
    padId: idAt(section.pad_id ?? 0, () => `${place}.pad_id`, MOST_TOKENS),
    padTypeId: idAt(section.pad_type_id ?? 0, () => `${place}.pad_type_id`, 256),
    padToken: stringAt(section.pad_token ?? '[PAD]', `${place}.pad_token`),
    direction: directionAt(section.direction, `${place}.direction`),
    ...(multiple !== null && { multipleOf: lengthAt(multiple, `${place}.pad_to_multiple_of`) }),
  };
}

/** `"BatchLongest"` or `{"Fixed": n}` */
function strategyAt(value: unknown, place: string): Padding['length'] {
  if (value === 'BatchLongest') return 'longest';
  if (typeof value !== 'object') throw unsupported(place, value, '"BatchLongest", {"Fixed": n}');
  const section = objectAt(value, place);
  onlyKeys(section, ['Fixed'], place);
  return lengthAt(section.Fixed, `${place}.Fixed`);
}

function lengthAt(value: unknown, place: string): number {
  const length = wholeAt(value, place);
  if (length > MOST_PADDED) throw bad(place, `should be at most ${MOST_PADDED}, is ${length}`);
  return length;
}

export function paddingJson(padding: Padding): Json {
  return {
    strategy: padding.length === 'longest' ? 'BatchLongest' : { Fixed: padding.length },
    direction: (padding.direction ?? 'right') === 'right' ? 'Right' : 'Left',
    pad_to_multiple_of: padding.multipleOf ?? null,
    pad_id: padding.padId,
    pad_type_id: padding.padTypeId ?? 0,
    pad_token: padding.padToken ?? '[PAD]',
  };
}
