import { HeddleError } from '@heddle/core';
import { MOST_TOKENS } from '../limits.js';
import { badFile } from './bad-file.js';

/** A value of GGUF's metadata; 64-bit numbers are rounded to doubles. */
export type GgufValue = number | boolean | string | readonly GgufValue[];

const FILE = 'GGUF file';
const MAGIC = 0x46554747;
/** The most entries of metadata; large models have fewer than a hundred. */
const MOST_ENTRIES = 1 << 16;
/** Arrays in arrays. */
const DEEPEST = 4;

const STRING = 8;
const ARRAY = 9;
/** Bytes of the other types, by number: u8 i8 u16 i16 u32 i32 f32 bool, then u64 i64 f64 from 10 on. */
const SIZES: ReadonlyMap<number, number> = new Map(
  [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8].map((size, type) => [type, size]),
);

/**
 * The metadata of a GGUF file whose keys begin with `prefix`, of a file of version 2 or 3.
 *
 * @param bytes the file, or its beginning as far as the metadata goes
 */
export function readGguf(bytes: Uint8Array, prefix: string): Map<string, GgufValue> {
  const reader = new GgufReader(bytes);
  if (reader.scalar(4) !== MAGIC) throw badFile(FILE, 'does not begin with "GGUF"');
  const version = reader.scalar(4);
  if (version !== 2 && version !== 3) throw badFile(FILE, `is of version ${version}, not 2 or 3`);
  reader.scalar(10);
  const count = reader.scalar(10);
  if (count > MOST_ENTRIES) throw badFile(FILE, `has ${count} entries, more than ${MOST_ENTRIES}`);
  const values = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = reader.string();
    const type = reader.scalar(4);
    if (key.startsWith(prefix)) values.set(key, reader.value(type, 0));
    else reader.skip(type, 0);
  }
  return values;
}

const CUT_OFF = 'ends in its metadata';

/** Whether `error` says that there are too few bytes. */
export function endsInMetadata(error: unknown): boolean {
  return HeddleError.is(error, 'bad-file') && error.details.reason.startsWith(CUT_OFF);
}

class GgufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(type: number, depth: number): GgufValue {
    if (type === STRING) return this.string();
    if (type === ARRAY) return this.#array(depth);
    const value = this.scalar(type);
    return type === 7 ? value !== 0 : value;
  }

  string(): string {
    const length = this.scalar(10);
    return this.#utf8.decode(this.#bytes.subarray(this.#at, this.#take(length) + length));
  }

  /** A number of a type that has a fixed size. */
  scalar(type: number): number {
    const at = this.#take(sizeOf(type));
    const view = this.#view;
    switch (type) {
      case 1:
        return view.getInt8(at);
      case 2:
        return view.getUint16(at, true);
      case 3:
        return view.getInt16(at, true);
      case 4:
        return view.getUint32(at, true);
      case 5:
        return view.getInt32(at, true);
      case 6:
        return view.getFloat32(at, true);
      case 10:
        return Number(view.getBigUint64(at, true));
      case 11:
        return Number(view.getBigInt64(at, true));
      case 12:
        return view.getFloat64(at, true);
      default:
        return view.getUint8(at);
    }
  }

  skip(type: number, depth: number): void {
    if (type === STRING) {
      this.#take(this.scalar(10));
    } else if (type === ARRAY) {
      const [itemType, length] = this.#arrayHead(depth);
      if (itemType !== STRING && itemType !== ARRAY) this.#take(length * sizeOf(itemType));
      else for (let i = 0; i < length; i++) this.skip(itemType, depth + 1);
    } else {
      this.#take(sizeOf(type));
    }
  }

  #array(depth: number): GgufValue[] {
    const [itemType, length] = this.#arrayHead(depth);
    if (length > MOST_TOKENS) {
      throw badFile(FILE, `has an array of ${length} items, more than ${MOST_TOKENS}`);
    }
    const values: GgufValue[] = [];
    for (let i = 0; i < length; i++) values.push(this.value(itemType, depth + 1));
    return values;
  }

  #arrayHead(depth: number): [itemType: number, length: number] {
    if (depth === DEEPEST) throw badFile(FILE, `has arrays in arrays, more than ${DEEPEST} deep`);
    return [this.scalar(4), this.scalar(10)];
  }

  /** Goes over `length` bytes; where they begin. */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw badFile(FILE, `${CUT_OFF}, at byte ${this.#bytes.length}`);
    }
    this.#at += length;
    return at;
  }
}

function sizeOf(type: number): number {
  const size = SIZES.get(type);
  if (!size) throw badFile(FILE, `has a value of the unknown type ${type}`);
  return size;
}
