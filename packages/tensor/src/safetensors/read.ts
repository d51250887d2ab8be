import { type FileHandle, open } from 'node:fs/promises';
import { type Backend, HeddleError, type Params, sizeOf, type Tensor, withIo } from '@heddle/core';
import { tensor } from '../index.js';
import {
  badFile,
  MAX_HEADER_BYTES,
  parseHeader,
  type SafetensorsHeader,
  type TensorInfo,
} from './header.js';
import { CHUNK_BYTES, readFully } from './host-file.js';

export interface LoadSafetensorsOptions {
  /** Only these tensors, in this order. Default: all, in the order of the file. */
  readonly names?: Iterable<string>;
}

/**
 * Reads and checks the header only: names, dtypes, shapes, places, metadata.
 *
 * @throws `bad-file` if the file is not what the format allows; `io` if it cannot be read.
 */
export function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (file) => readHeader(path, file));
}

/**
 * Loads tensors from a safetensors file (https://github.com/huggingface/safetensors), one after the
 * other. `F32` and `F16` and `BF16` (widened) become f32; `I32` and `I64` (each number checked)
 * become i32. Nothing is allocated before the header was found to fit the file.
 *
 * @param names only these tensors, in this order; default all, in the file's order
 * @throws `bad-file`, naming the tensor, for a broken or truncated file, another dtype, an `I64`
 * number beyond 32 bits or a missing name; `io` if the file cannot be read. Nothing stays allocated.
 */
export function loadSafetensors(
  path: string,
  backend: Backend,
  options: LoadSafetensorsOptions = {},
): Promise<Params> {
  return withFile(path, async (file) => {
    const header = await readHeader(path, file);
    const loaded = new Map<string, Tensor>();
    try {
      for (const name of options.names ?? header.tensors.keys()) {
        const info = header.tensors.get(name);
        if (info === undefined) throw badFile(path, `it has no tensor "${name}"`);
        const data = await readElements(path, file, name, info);
        loaded.set(
          name,
          tensor(backend, data, info.shape, data instanceof Int32Array ? 'i32' : 'f32'),
        );
      }
    } catch (error) {
      for (const t of loaded.values()) t.dispose();
      throw error;
    }
    return Object.fromEntries(loaded);
  });
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  return withIo('read', path, async () => {
    const file = await open(path, 'r');
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  });
}

async function readHeader(path: string, file: FileHandle): Promise<SafetensorsHeader> {
  const { size } = await file.stat();
  const prefix = new Uint8Array(8);
  if (size < 8 || !(await readFully(file, prefix, 0)))
    throw badFile(path, `it has ${size} bytes, a header needs at least 8`);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw badFile(path, `its header claims ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  if (length > BigInt(size - 8))
    throw badFile(path, `its header claims ${length} bytes, the file has ${size - 8} more`);
  const bytes = new Uint8Array(Number(length));
  if (!(await readFully(file, bytes, 8))) throw badFile(path, 'it ends within its header');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badFile(path, 'its header is not UTF-8');
  }
  return parseHeader(path, text, 8 + bytes.length, size);
}

/** The tensor's elements, widened to f32 or narrowed to i32. */
async function readElements(
  path: string,
  file: FileHandle,
  name: string,
  info: TensorInfo,
): Promise<Float32Array | Int32Array> {
  const size = sizeOf(info.shape);
  const fill = async (bytes: Uint8Array, position: number): Promise<void> => {
    if (!(await readFully(file, bytes, info.offset + position)))
      throw badFile(path, `it ends within tensor "${name}"`);
  };
  if (info.dtype === 'F32' || info.dtype === 'I32') {
    const values = info.dtype === 'F32' ? new Float32Array(size) : new Int32Array(size);
    await fill(new Uint8Array(values.buffer), 0);
    return values;
  }
  const convert = converter(path, name, info);
  const values = info.dtype === 'I64' ? new Int32Array(size) : new Float32Array(size);
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, info.bytes));
  for (let at = 0; at < info.bytes; at += chunk.length) {
    const bytes = chunk.subarray(0, Math.min(chunk.length, info.bytes - at));
    await fill(bytes, at);
    convert(bytes, values, (at / info.bytes) * size);
  }
  return values;
}

/** How the bytes of a dtype become elements of `values` from `start` on. */
function converter(
  path: string,
  name: string,
  info: TensorInfo,
): (bytes: Uint8Array, values: Float32Array | Int32Array, start: number) => void {
  switch (info.dtype) {
    case 'BF16':
      // The upper half of an f32.
      return (bytes, values, start) => {
        const halves = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
        const words = new Uint32Array(values.buffer);
        for (let i = 0; i < halves.length; i++) words[start + i] = halves[i] << 16;
      };
    case 'F16':
      return (bytes, values, start) => {
        const halves = new Uint16Array(bytes.buffer, 0, bytes.length / 2);
        for (let i = 0; i < halves.length; i++) values[start + i] = halfToNumber(halves[i]);
      };
    case 'I64':
      return (bytes, values, start) => {
        const longs = new BigInt64Array(bytes.buffer, 0, bytes.length / 8);
        for (let i = 0; i < longs.length; i++) {
          const value = Number(longs[i]);
          if (value !== (value | 0))
            throw badFile(path, `tensor "${name}" has the I64 number ${longs[i]}, beyond i32`);
          values[start + i] = value;
        }
      };
    default:
      throw new HeddleError(
        'bad-file',
        `${path}: tensor "${name}" has dtype ${info.dtype}; Heddle loads F32, F16, BF16, I32 and I64. ` +
          'Leave it out with `names`, or convert the file.',
        { path, reason: `tensor "${name}" has the unsupported dtype ${info.dtype}` },
      );
  }
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
