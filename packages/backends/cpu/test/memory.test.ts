import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HeddleError, randomWords, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { describe, expect, test } from 'vitest';
import { type Chunk, hostMemory, type Memory } from '../src/memory.js';
import { openLibrary } from '../src/native/library.js';
import { type Block, MemoryPool } from '../src/pool.js';
import { runnableSimd } from './native.js';

const { simd, reason } = runnableSimd();
const MiB = 2 ** 20;

/** Memory of at most `limit` bytes, without content: it counts. */
class CountedMemory implements Memory {
  readonly chunks = new Set<Chunk>();
  readonly #limit: number;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  get bytes(): number {
    return [...this.chunks].reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  allocate(bytes: number): Chunk | undefined {
    if (this.bytes + bytes > this.#limit) return undefined;
    const chunk = { buffer: new ArrayBuffer(0), byteOffset: 0, byteLength: bytes };
    this.chunks.add(chunk);
    return chunk;
  }

  release(chunk: Chunk): void {
    expect(this.chunks.delete(chunk)).toBe(true);
  }
}

describe('memory pool', () => {
  test('blocks in use never overlap, lie in their chunks and are aligned', () => {
    const pool = new MemoryPool(new CountedMemory());
    const words = randomWords(rngKey(1), 30_000);
    const blocks: Block[] = [];
    for (let i = 0; i < words.length; i += 3) {
      const [choice, exponent, which] = words.subarray(i, i + 3);
      if (blocks.length > 0 && choice % 100 < 48)
        pool.give(blocks.splice(which % blocks.length, 1)[0]);
      else blocks.push(pool.take((which % 2 ** (exponent % 24)) + 1));
    }
    const sorted = blocks.toSorted((a, b) => a.offset - b.offset);
    for (const chunk of new Set(blocks.map((block) => block.chunk))) {
      let end = 0;
      for (const { offset, bytes } of sorted.filter((block) => block.chunk === chunk)) {
        expect(offset % 64).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + bytes;
      }
      expect(end).toBeLessThanOrEqual(chunk.byteLength);
    }
    expect(pool.usage().live).toBe(blocks.reduce((sum, block) => sum + block.bytes, 0));
  });

  test('what was freed is whole again: sizes that change need no more memory', () => {
    const memory = new CountedMemory(64 * MiB);
    const pool = new MemoryPool(memory);
    for (let size = 1000; size < 40 * MiB; size = Math.ceil(size * 1.07)) {
      const count = Math.floor((48 * MiB) / (size + 256));
      const blocks = Array.from({ length: Math.min(count, 2000) }, () => pool.take(size));
      for (const block of blocks) pool.give(block);
    }
    expect(pool.usage()).toMatchObject({ live: 0 });
    expect(memory.bytes).toBe(pool.usage().held);
  });

  test('the second round of a loop asks the system for nothing', () => {
    const memory = new CountedMemory();
    const pool = new MemoryPool(memory);
    const sizes = Array.from(randomWords(rngKey(2), 400), (word) => (word % (3 * MiB)) + 4);
    const round = (): void => {
      const kept = sizes.map((size, i) => {
        pool.give(pool.take(sizes[(i * 7) % sizes.length]));
        return pool.take(size);
      });
      for (const block of kept.reverse()) pool.give(block);
    };
    round();
    const after = memory.bytes;
    for (let i = 0; i < 20; i++) round();
    expect(memory.bytes).toBe(after);
  });

  test('idle chunks go back before a request is refused', () => {
    const memory = new CountedMemory(20 * MiB);
    const pool = new MemoryPool(memory);
    const small = Array.from({ length: 8 }, () => pool.take(2 * MiB));
    for (const block of small) pool.give(block);
    const large = pool.take(19 * MiB);
    expect(memory.bytes).toBe(20 * MiB);
    pool.give(large);
    expect(() => pool.take(21 * MiB)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
    pool.close();
    expect(memory.bytes).toBe(0);
  });

  test('host memory that cannot be had is refused', () => {
    expect(hostMemory.allocate(2 ** 52)).toBeUndefined();
  });
});

const tiers = simd.length > 0 ? (['native', 'reference'] as const) : (['reference'] as const);

describe.each(tiers)('memory of the backend (%s)', (kernels) => {
  test('a request that no machine can meet is refused, and the backend goes on', async () => {
    await using backend = cpu({ kernels });
    const held = backend.alloc(1000, 'f32');
    const asked = 2 ** 46;
    const error = caught(() => backend.alloc(asked, 'f32'));
    expect(error.details).toEqual({ backend: 'cpu', asked: asked * 4, live: 4000 });
    expect(error.message).toContain(`${asked * 4} bytes`);
    backend.write(held, new Float32Array(1000).fill(2));
    expect((await backend.read(held))[999]).toBe(2);
  });

  test('a buffer belongs to its backend', async () => {
    await using one = cpu({ kernels });
    await using other = cpu({ kernels });
    const buffer = one.alloc(4, 'f32');
    expect(() => other.write(buffer, new Float32Array(4))).toThrow(
      expect.objectContaining({ code: 'mixed-backends' }),
    );
    other.free(other.alloc(1, 'f32'));
    one.free(buffer);
  });

  test('a buffer may be freed after its backend was disposed', async () => {
    const backend = cpu({ kernels });
    const buffer = backend.alloc(4, 'f32');
    await backend[Symbol.asyncDispose]();
    expect(() => backend.write(buffer, new Float32Array(4))).toThrow('disposed');
    backend.free(buffer);
    expect(backend.memory().live).toBe(0);
  });
});

describe.skipIf(simd.length === 0)(`memory of the system ${reason}`, () => {
  test('chunks are zeroed, writable to the end, and come back after their release', () => {
    const library = openLibrary({ threads: 1 });
    if ('reason' in library) throw new Error(library.reason);
    for (const bytes of [4096, 2 * MiB, 6 * MiB]) {
      const chunk = library.memory.allocate(bytes);
      if (chunk === undefined) throw new Error('no memory');
      const array = new Float32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength / 4);
      expect(array.every((x) => x === 0)).toBe(true);
      array.fill(1);
      library.memory.release(chunk);
    }
    library.close();
  });

  test('a tensor beyond the largest view (4 GiB) works', async () => {
    await using backend = cpu({ kernels: 'native', threads: 1 });
    const size = 2 ** 30 + 2 ** 10;
    const large = backend.alloc(size, 'i32'); // pages that nobody touches cost nothing
    const last = { buffer: backend.alloc(1, 'i32'), shape: [1] };
    backend.write(last.buffer, Int32Array.of(7));
    const view = { buffer: large, shape: [size] };
    backend.run({ kind: 'updateSlice', start: [size - 1] }, [view, last], [view]);
    backend.run({ kind: 'slice', start: [size - 1] }, [view], [last]);
    expect(await backend.read(last.buffer)).toEqual(Int32Array.of(7));
  });

  test.skipIf(process.platform !== 'linux')(
    'at the limit of its address space the process gets an error, and lives on',
    async () => {
      const program = fileURLToPath(
        new URL('./fixtures/allocate-until-refused.ts', import.meta.url),
      );
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--conditions=@heddle/source',
        '--import',
        'tsx',
        program,
      ]);
      const { code, blocks, again } = JSON.parse(stdout);
      expect(code).toBe('out-of-memory');
      expect(blocks).toBeGreaterThan(1);
      expect(again).toBe(true);
    },
  );
});

function caught(action: () => unknown): HeddleError {
  try {
    action();
  } catch (error) {
    if (HeddleError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
