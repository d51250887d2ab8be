import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeddleError, type Params } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import {
  loadSafetensors,
  readSafetensorsHeader,
  saveSafetensors,
} from '@heddle/tensor/safetensors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor } from '../src/index.js';
import python from './golden/safetensors/python.json' with { type: 'json' };

const golden = new URL('./golden/safetensors/', import.meta.url).pathname;
const backend = cpu({ kernels: 'reference' });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-safetensors-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await backend[Symbol.asyncDispose]();
});

function dispose(params: Params): void {
  for (const t of Object.values(params)) t.dispose();
}

const numbers: Record<string, number> = {
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

describe('with the Python library', () => {
  it('loads what it wrote: F32, F16, BF16, I32, I64, scalar, empty, any name', async () => {
    const params = await loadSafetensors(`${golden}python.safetensors`, backend);
    expect(new Set(Object.keys(params))).toEqual(new Set(Object.keys(python)));
    for (const [name, { shape, dtype, values }] of Object.entries(python)) {
      const t = params[name];
      expect([name, t.shape, t.dtype]).toEqual([name, shape, dtype]);
      const got = [...(await t.read())];
      expect(got).toHaveLength(values.length);
      got.forEach((v, i) => {
        expect(v, `${name}[${i}]`).toBe(numbers[values[i]] ?? Number(values[i]));
      });
    }
    dispose(params);
    const { metadata } = await readSafetensorsHeader(`${golden}python.safetensors`);
    expect(metadata).toEqual({ format: 'pt', note: 'ü' });
  });

  // tools/golden/safetensors/make.py --check reads the committed file with the Python library.
  it('writes byte for byte the file that it was seen to read', async () => {
    const params: Params = {
      'b.second': tensor(backend, [
        [1.5, -0.25],
        [3e38, 1e-40],
      ]),
      'a.first': tensor(backend, Int32Array.of(1, -1, 2 ** 31 - 1), [3], 'i32'),
      scalar: tensor(backend, Float32Array.of(0.1), []),
      empty: tensor(backend, new Float32Array(0), [0, 2]),
      ключ: tensor(backend, [2]),
    };
    const path = join(folder, 'heddle.safetensors');
    await saveSafetensors(path, params, { metadata: { format: 'pt', 'made-by': 'heddle' } });
    if (process.env.HEDDLE_UPDATE_GOLDEN) {
      await writeFile(`${golden}heddle.safetensors`, await readFile(path));
    }
    expect(await readFile(path)).toEqual(await readFile(`${golden}heddle.safetensors`));
    const again = await loadSafetensors(path, backend);
    expect(Object.keys(again)).toEqual(Object.keys(params));
    for (const name of Object.keys(params))
      expect(await again[name].read()).toEqual(await params[name].read());
    dispose(params);
    dispose(again);
  });
});

it('loads only the named tensors and frees all on failure', async () => {
  const before = backend.memory().live;
  const path = `${golden}python.safetensors`;
  const some = await loadSafetensors(path, backend, { names: ['scalar', 'ids'] });
  expect(Object.keys(some)).toEqual(['scalar', 'ids']);
  dispose(some);
  await expect(
    loadSafetensors(path, backend, { names: ['weight', 'no such'] }),
  ).rejects.toMatchObject({ code: 'bad-file', message: expect.stringContaining('"no such"') });
  expect(backend.memory().live).toBe(before);
});

describe('refuses', () => {
  const entry = (extra: object = {}): object => ({
    dtype: 'F32',
    shape: [2],
    data_offsets: [0, 8],
    ...extra,
  });
  async function file(header: string | Uint8Array, data: number, length?: bigint): Promise<string> {
    const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
    const bytes = new Uint8Array(8 + json.length + data);
    new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
    bytes.set(json, 8);
    const path = join(folder, 'broken.safetensors');
    await writeFile(path, bytes);
    return path;
  }
  const huge = 2 ** 50;
  const cases: [string, string | Uint8Array, number, RegExp, bigint?][] = [
    ['a header longer than the file', '{}', 0, /claims 3 bytes/, 3n],
    ['a header of 2^63 bytes', '{}', 0, /more than 100000000/, 2n ** 63n],
    ['what is not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0, /UTF-8/],
    ['what is not JSON', '{"a": ', 0, /not JSON/],
    ['a list', '[]', 0, /not a JSON object/],
    ['an entry that is no object', '{"w": 3}', 0, /"w" is not an object/],
    ['an unknown dtype', JSON.stringify({ w: entry({ dtype: 'F33' }) }), 8, /"w".*"F33"/],
    [
      'a prototype name as dtype',
      JSON.stringify({ w: entry({ dtype: 'toString' }) }),
      8,
      /"w".*dtype/,
    ],
    ['a negative size', JSON.stringify({ w: entry({ shape: [-2] }) }), 8, /"w".*shape/],
    ['a fractional size', JSON.stringify({ w: entry({ shape: [1.5] }) }), 8, /"w".*shape/],
    [
      'a shape that overflows',
      JSON.stringify({ w: entry({ shape: [huge, huge] }) }),
      8,
      /"w".*impossible/,
    ],
    [
      'a size that does not fit',
      JSON.stringify({ w: entry({ shape: [3] }) }),
      8,
      /"w".*needs 12 bytes.*hold 8/,
    ],
    [
      'offsets backwards',
      JSON.stringify({ w: entry({ data_offsets: [8, 0] }) }),
      8,
      /"w".*data_offsets/,
    ],
    [
      'three offsets',
      JSON.stringify({ w: entry({ data_offsets: [0, 8, 9] }) }),
      8,
      /"w".*data_offsets/,
    ],
    [
      'offsets out of range',
      JSON.stringify({ w: entry({ data_offsets: [8, 16] }) }),
      8,
      /"w" ends at byte 16.*there are 8/,
    ],
    [
      'a huge tensor',
      JSON.stringify({ w: { dtype: 'F32', shape: [2 ** 40], data_offsets: [0, 2 ** 42] } }),
      8,
      /"w" ends/,
    ],
    [
      'a truncated file',
      JSON.stringify({ w: entry() }),
      7,
      /"w" ends at byte 8.*there are 7.*truncated/,
    ],
    [
      'overlap',
      JSON.stringify({ a: entry(), b: entry({ data_offsets: [4, 12] }) }),
      12,
      /"b" overlaps/,
    ],
    ['the same bytes twice', JSON.stringify({ a: entry(), b: entry() }), 8, /overlaps/],
    [
      'a hole',
      JSON.stringify({ a: entry(), b: entry({ data_offsets: [12, 20] }) }),
      20,
      /4 unclaimed bytes before tensor "b"/,
    ],
    ['bytes after the end', JSON.stringify({ a: entry() }), 9, /1 unclaimed bytes after/],
    [
      'a tensor twice',
      '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      0,
      /key "a" twice/,
    ],
    [
      'a dtype twice',
      '{"a":{"dtype":"F32","dtype":"F16","shape":[0],"data_offsets":[0,0]}}',
      0,
      /key "dtype" twice/,
    ],
    ['metadata that is not text', '{"__metadata__":{"a":1}}', 0, /__metadata__/],
  ];
  it.each(cases)('%s', async (_, header, data, reason, length) => {
    const path = await file(header, data, length);
    const live = backend.memory().live;
    for (const read of [readSafetensorsHeader, (p: string) => loadSafetensors(p, backend)])
      await expect(read(path)).rejects.toMatchObject({
        name: 'HeddleError',
        code: 'bad-file',
        details: { path, reason: expect.stringMatching(reason) },
      });
    expect(backend.memory().live).toBe(live);
  });

  it('a file too short for a header', async () => {
    const path = join(folder, 'short.safetensors');
    await writeFile(path, Uint8Array.of(1, 2, 3));
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({ code: 'bad-file' });
  });

  it('dtypes it cannot hold, and I64 beyond 32 bits, naming the tensor', async () => {
    const path = await file(
      JSON.stringify({
        mask: { dtype: 'BOOL', shape: [8], data_offsets: [0, 8] },
        long: { dtype: 'I64', shape: [1], data_offsets: [8, 16] },
      }),
      16,
    );
    await expect(loadSafetensors(path, backend)).rejects.toThrow(/"mask" has dtype BOOL/);
    const fine = await loadSafetensors(path, backend, { names: ['long'] });
    expect([...(await fine.long.read())]).toEqual([0]);
    dispose(fine);
    const bytes = await readFile(path);
    bytes[bytes.length - 4] = 1; // 2^32
    await writeFile(path, bytes);
    await expect(loadSafetensors(path, backend, { names: ['long'] })).rejects.toThrow(
      /"long" has the I64 number 4294967296/,
    );
  });

  it('the reserved name', async () => {
    const params = { __metadata__: tensor(backend, [1]) };
    await expect(saveSafetensors(join(folder, 'x'), params)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    dispose(params);
  });
});

describe('a failing disk', () => {
  it('says which path could not be read or written', async () => {
    await expect(readSafetensorsHeader(join(folder, 'absent'))).rejects.toMatchObject({
      code: 'io',
      details: { path: join(folder, 'absent'), operation: 'read' },
    });
    const w = tensor(backend, [1]);
    await expect(saveSafetensors(join(folder, 'no/such/x'), { w })).rejects.toMatchObject({
      code: 'io',
      details: { operation: 'write' },
    });
    w.dispose();
  });

  it('leaves the old file and no other when a tensor cannot be read', async () => {
    const own = await mkdtemp(join(folder, 'own-'));
    const path = join(own, 'model.safetensors');
    const w = tensor(backend, [1, 2]);
    await saveSafetensors(path, { w });
    const before = await readFile(path);
    const failing = {
      ...w,
      shape: [2],
      dtype: 'f32' as const,
      backend,
      dispose() {},
      read: () =>
        Promise.reject(
          new HeddleError('out-of-memory', 'lost', { backend: 'cpu', asked: 1, live: 0 }),
        ),
    };
    await expect(saveSafetensors(path, { failing })).rejects.toThrow('lost');
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(own)).toEqual(['model.safetensors']);
    w.dispose();
  });
});
