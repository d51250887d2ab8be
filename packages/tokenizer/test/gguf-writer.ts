import type { GgufValue } from '../src/formats/gguf-reader.js';

/** A GGUF file of version 3 without tensors: texts, true and false, 32-bit numbers and arrays of them. */
export function writeGguf(values: ReadonlyMap<string, GgufValue>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [new TextEncoder().encode('GGUF'), u32(3), u64(0), u64(values.size)];
  for (const [key, value] of values) parts.push(text(key), u32(typeOf(value)), ...bytesOf(value));
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function typeOf(value: GgufValue): number {
  if (typeof value === 'string') return 8;
  if (typeof value === 'boolean') return 7;
  if (typeof value === 'number') return Number.isInteger(value) ? 5 : 6;
  return 9;
}

function bytesOf(value: GgufValue): Uint8Array[] {
  if (typeof value === 'string') return [text(value)];
  if (typeof value === 'boolean') return [Uint8Array.of(value ? 1 : 0)];
  if (typeof value === 'number') {
    const bytes = new DataView(new ArrayBuffer(4));
    if (Number.isInteger(value)) bytes.setInt32(0, value, true);
    else bytes.setFloat32(0, value, true);
    return [new Uint8Array(bytes.buffer)];
  }
  const types = value.map(typeOf);
  const type = types.find((each) => each !== 5) ?? types[0] ?? 5;
  const items = value.map((item) => (type === 6 ? f32(item as number) : bytesOf(item)[0]));
  return [u32(type), u64(value.length), ...items];
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  const all = new Uint8Array(8 + bytes.length);
  all.set(u64(bytes.length));
  all.set(bytes, 8);
  return all;
}

function u32(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, true);
  return new Uint8Array(bytes.buffer);
}

function u64(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(bytes.buffer);
}

function f32(value: number): Uint8Array {
  return new Uint8Array(new Float32Array([value]).buffer);
}
