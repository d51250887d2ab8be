import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpu } from '@heddle/cpu';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CpuBackend } from '../src/backend.js';
import { nativeKernels } from '../src/native/index.js';
import { referenceKernels } from '../src/reference/index.js';
import { wasmLibrary } from '../src/wasm/library.js';
import { LinearMemory } from '../src/wasm/memory.js';
import { moduleFile } from '../src/wasm/module.js';
import { openWasm } from '../src/wasm/node.js';
import { type LinearBuffer, webAssembly } from '../src/wasm/platform.js';
import { runnableModules } from './wasm.js';

const { modules, reason } = runnableModules();
const MiB = 2 ** 20;

/** A memory that grows to a limit of pages. */
function buffer(limit: number): LinearBuffer {
  let pages = 0;
  return {
    buffer: new ArrayBuffer(0),
    grow(more) {
      if (pages + more > limit) throw new RangeError('no more pages');
      pages += more;
      return pages - more;
    },
  };
}

describe('memory of a module', () => {
  test('released neighbours are one piece again', () => {
    const memory = new LinearMemory(buffer(32), { start: 0, end: 0 }, 2 * MiB);
    const chunks = [0, 1, 2].map(() => memory.allocate(MiB / 2));
    expect(chunks.map((chunk) => chunk?.byteOffset)).toEqual([0, MiB / 2, MiB]);
    expect(memory.allocate(MiB)).toBeUndefined();
    for (const i of [2, 0, 1]) {
      const chunk = chunks[i];
      if (chunk) memory.release(chunk);
    }
    expect(memory.allocate(MiB * 1.5)).toMatchObject({ byteOffset: 0, byteLength: MiB * 1.5 });
    expect(memory.allocate(MiB / 2)).toMatchObject({ byteOffset: 1.5 * MiB });
    expect(memory.allocate(65_536)).toBeUndefined();
  });
});

describe.skipIf(modules.length > 0)('without the module', () => {
  test('kernels: "wasm" is an error', () => {
    expect(() => cpu({ kernels: 'wasm' })).toThrow(
      expect.objectContaining({ code: 'cpu/no-wasm' }),
    );
  });
});

describe.skipIf(modules.length === 0)(`the WebAssembly tier${reason && ` (${reason})`}`, () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('says what serves, and takes as many threads as asked for', async () => {
    vi.stubEnv('HEDDLE_THREADS', '3');
    await using three = cpu({ kernels: 'wasm' });
    expect(three.description).toMatch(
      /^wasm kernels \((relaxed )?simd128\), 3 threads: as asked for$/,
    );
    await using one = cpu({ kernels: 'wasm', threads: 1 });
    expect(one.description).toContain(', 1 thread:');
  });

  test('beyond 4 GiB a request is refused, and the backend goes on', async () => {
    await using backend = cpu({ kernels: 'wasm', threads: 1 });
    const held = backend.alloc(4, 'f32');
    expect(() => backend.alloc(2 ** 30, 'f32')).toThrow(
      expect.objectContaining({
        code: 'out-of-memory',
        details: { backend: 'cpu', asked: 2 ** 32, live: 16 },
        message: expect.stringContaining('of 4294967296 that can be reached'),
      }),
    );
    backend.write(held, Float32Array.of(1, 2, 3, 4));
    const view = { buffer: held, shape: [4] };
    backend.run({ kind: 'neg' }, [view], [view]);
    expect(await backend.read(held)).toEqual(Float32Array.of(-1, -2, -3, -4));
  });

  test('arrays made before the memory grew are still the tensors', async () => {
    await using backend = cpu({ kernels: 'wasm', threads: 2 });
    const x = { buffer: backend.alloc(1000, 'f32'), shape: [1000] };
    backend.write(x.buffer, new Float32Array(1000).fill(3));
    const large = Array.from({ length: 4 }, () => backend.alloc(2 ** 25, 'f32'));
    backend.run({ kind: 'exp' }, [x], [x]);
    expect((await backend.read(x.buffer))[999]).toBeCloseTo(Math.exp(3), 4);
    for (const buffer of large) backend.free(buffer);
  });

  test('more operands than the first stage holds arrive whole', async () => {
    await using backend = cpu({ kernels: 'wasm', threads: 1 });
    const one = { buffer: backend.alloc(1, 'f32'), shape: [1] };
    const sum = { buffer: backend.alloc(1, 'f32'), shape: [] };
    backend.write(one.buffer, Float32Array.of(2));
    for (const count of [3, 20_000, 3]) {
      backend.run({ kind: 'sumOfSquares' }, Array(count).fill(one), [sum]);
      expect(await backend.read(sum.buffer)).toEqual(Float32Array.of(4 * count));
    }
  });

  test('the workers start, and end when the backend is disposed', async () => {
    const library = openWasm({ threads: 3, features: { shared: true, relaxed: false } });
    if ('reason' in library) throw new Error(library.reason);
    await expect.poll(() => library.joined(), { timeout: 30_000 }).toBe(2);
    const running = threadsOfProcess();
    library.close();
    if (running !== undefined)
      await expect.poll(threadsOfProcess, { timeout: 30_000 }).toBe(running - 2);
    expect(() => library.bind('gelu', [])()).toThrow('disposed');
  });

  test('without workers the caller does their work', async () => {
    const { shared, relaxed } = modules[0];
    const path = moduleFile({ shared, relaxed });
    const bytes = readFileSync(new URL(`../dist/wasm/${path}`, import.meta.url));
    const library = wasmLibrary({
      module: new (webAssembly().Module)(bytes),
      shared: true,
      threads: 4,
      mayWait: false,
      startWorker: () => () => {},
    });
    if ('reason' in library) throw new Error(library.reason);
    await using backend = new CpuBackend(
      nativeKernels(library, referenceKernels),
      path,
      library.memory,
      library.close,
    );
    const square = { buffer: backend.alloc(256 * 256, 'f32'), shape: [256, 256] };
    const product = { buffer: backend.alloc(256 * 256, 'f32'), shape: [256, 256] };
    backend.write(square.buffer, new Float32Array(256 * 256).fill(1));
    backend.run(
      { kind: 'matmul', transposeA: false, transposeB: true },
      [square, square],
      [product],
    );
    expect((await backend.read(product.buffer)).every((x) => x === 256)).toBe(true);
    expect(library.joined()).toBe(0);
  });

  test.each(['disposed', 'forgotten'])('a program ends though its backend was %s', async (how) => {
    const program = fileURLToPath(new URL('./fixtures/multiply-in-wasm.ts', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@heddle/source', '--import', 'tsx', program, how],
      { timeout: 60_000 },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe('64\n');
  });
});

/** How many threads the system counts, where it tells (Linux). */
function threadsOfProcess(): number | undefined {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : undefined;
}
