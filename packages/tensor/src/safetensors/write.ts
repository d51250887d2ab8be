import { BYTES, type DType, HeddleError, type Params, sizeOf, withIo } from '@heddle/core';
import { MAX_HEADER_BYTES } from './header.js';
import { replaceFile, writeFully } from './host-file.js';

export interface SaveSafetensorsOptions {
  /** Strings that travel with the tensors, e.g. `{ format: 'pt' }`, which transformers asks for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const NAMES: { readonly [D in DType]: string } = { f32: 'F32', bf16: 'BF16', i32: 'I32' };

/**
 * Saves tensors as a safetensors file, in the order of the record, one after the other: the host
 * holds one tensor at a time. The file is written beside `path`, synced and renamed, so `path`
 * holds the old or the new content whole, whatever happens.
 *
 * @throws `invalid-argument` for the reserved name `__metadata__`; `io` if the disk is full, read-only …
 */
export function saveSafetensors(
  path: string,
  params: Params,
  options: SaveSafetensorsOptions = {},
): Promise<void> {
  return withIo('write', path, async () => {
    const head = header(params, options.metadata);
    await replaceFile(path, async (file) => {
      await writeFully(file, head);
      for (const t of Object.values(params)) {
        const data = await t.read();
        await writeFully(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
    });
  });
}

/** Length and JSON, padded with spaces so that the tensors begin at a multiple of 8. */
function header(
  params: Params,
  metadata: Readonly<Record<string, string>> | undefined,
): Uint8Array {
  const entries: [string, unknown][] = metadata === undefined ? [] : [['__metadata__', metadata]];
  let end = 0;
  for (const [name, { shape, dtype }] of Object.entries(params)) {
    if (name === '__metadata__')
      throw new HeddleError(
        'invalid-argument',
        'A tensor cannot be named "__metadata__": safetensors keeps its metadata there. Rename it.',
        { argument: 'params', given: name },
      );
    const start = end;
    end += sizeOf(shape) * BYTES[dtype];
    entries.push([name, { dtype: NAMES[dtype], shape, data_offsets: [start, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES)
    throw new HeddleError(
      'invalid-argument',
      `The names, shapes and metadata take ${length} bytes of header; readers take ${MAX_HEADER_BYTES}. Split the record over several files.`,
      { argument: 'params', given: length },
    );
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}
