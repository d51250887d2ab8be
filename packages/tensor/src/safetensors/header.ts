import { HeddleError, type Shape } from '@heddle/core';

/**
 * The header of a safetensors file (https://github.com/huggingface/safetensors, "Format"): eight
 * bytes with the header's length (little-endian), the header as JSON, then the tensors' bytes,
 * row-major and little-endian, without gaps.
 */

/** Bits of one element of each dtype that the format knows. */
const BITS: ReadonlyMap<string, number> = new Map([
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['U16', 16],
  ['I16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['U32', 32],
  ['I32', 32],
  ['F32', 32],
  ['U64', 64],
  ['I64', 64],
  ['F64', 64],
  ['C64', 64],
  ['F8_E4M3', 8],
  ['F8_E5M2', 8],
  ['F8_E8M0', 8],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['F4', 4],
]);

/** The reference implementation's bound on a header, too. */
export const MAX_HEADER_BYTES = 100_000_000;

/** One tensor as the header declares it. */
export interface TensorInfo {
  /** As the format writes it: `F32`, `I64`, `BF16` … */
  readonly dtype: string;
  readonly shape: Shape;
  /** Where its bytes begin in the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `bad-file` with the path in front of the reason. */
export function badFile(path: string, reason: string): HeddleError<'bad-file'> {
  return new HeddleError('bad-file', `Cannot use ${path} as safetensors: ${reason}.`, {
    path,
    reason,
  });
}

/**
 * Reads and checks a header. Every tensor must lie within the file, have the size that its shape
 * and dtype say, and follow the one before it without gap or overlap; the last ends with the file.
 *
 * @param text the JSON
 * @param start where the tensors' bytes begin in the file
 * @param end the file's size
 */
export function parseHeader(
  path: string,
  text: string,
  start: number,
  end: number,
): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badFile(path, `its header is not JSON (${(cause as Error).message})`);
  }
  if (!isRecord(json)) throw badFile(path, 'its header is not a JSON object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw badFile(path, `its header has the key "${twice}" twice`);

  let metadata: Record<string, string> = {};
  const tensors: [string, TensorInfo][] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = parseMetadata(path, value);
    else tensors.push([name, parseTensor(path, name, value, start, end)]);
  }

  tensors.sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
  let at = start;
  for (const [name, { offset, bytes }] of tensors) {
    if (offset < at) throw badFile(path, `tensor "${name}" overlaps the one before it`);
    if (offset > at)
      throw badFile(path, `there are ${offset - at} unclaimed bytes before tensor "${name}"`);
    at = offset + bytes;
  }
  if (at !== end)
    throw badFile(path, `there are ${end - at} unclaimed bytes after the last tensor`);
  return { tensors: new Map(tensors), metadata };
}

function parseTensor(
  path: string,
  name: string,
  value: unknown,
  start: number,
  end: number,
): TensorInfo {
  if (!isRecord(value)) throw badFile(path, `the entry of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const bits = typeof dtype === 'string' ? BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bits === undefined)
    throw badFile(path, `tensor "${name}" has the unknown dtype ${show(dtype)}`);
  if (!isSizes(shape)) throw badFile(path, `tensor "${name}" has the invalid shape ${show(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1])
    throw badFile(path, `tensor "${name}" has the invalid data_offsets ${show(offsets)}`);
  let elements = 1;
  for (const n of shape) {
    elements *= n;
    if (elements > Number.MAX_SAFE_INTEGER / 64)
      throw badFile(path, `tensor "${name}" has the impossible shape ${show(shape)}`);
  }
  const bytes = offsets[1] - offsets[0];
  if (elements * bits !== bytes * 8) {
    const need = (elements * bits) / 8;
    throw badFile(
      path,
      `tensor "${name}" (${dtype} ${show(shape)}) needs ${need} bytes, its data_offsets hold ${bytes}`,
    );
  }
  if (offsets[1] > end - start)
    throw badFile(
      path,
      `tensor "${name}" ends at byte ${offsets[1]} of the data, of which there are ${end - start} (a truncated file?)`,
    );
  return { dtype, shape, offset: start + offsets[0], bytes };
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((v) => typeof v === 'string'))
    throw badFile(path, 'its __metadata__ is not an object of strings');
  return value as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** The first key that an object of valid JSON `text` has twice; `JSON.parse` would keep the last in silence. */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = []; // the keys of each object or array that is open
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '{' || c === '[') open.push(new Set());
    else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const begin = i++;
      for (; text[i] !== '"'; i++) if (text[i] === '\\') i++;
      let next = i + 1;
      while (
        text[next] === ' ' ||
        text[next] === '\n' ||
        text[next] === '\t' ||
        text[next] === '\r'
      )
        next++;
      if (text[next] !== ':') continue;
      const key = JSON.parse(text.slice(begin, i + 1)) as string;
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
