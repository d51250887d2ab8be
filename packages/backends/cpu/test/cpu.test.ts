import { fileURLToPath } from 'node:url';
import { HeddleError } from '@heddle/core';
import { cpu, describeCpu } from '@heddle/cpu';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openLibrary } from '../src/native/library.js';
import { runnableSimd } from './native.js';

const { simd, reason } = runnableSimd();

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return HeddleError.is(error) ? error.code : String(error);
  }
  return undefined;
}

describe('options', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('threads outside 1 … 256 are refused, from the option and from the environment', () => {
    for (const threads of [0, -1, 1.5, 257, Number.NaN])
      expect(codeOf(() => cpu({ threads }))).toBe('invalid-argument');
    vi.stubEnv('HEDDLE_THREADS', 'many');
    expect(codeOf(() => cpu())).toBe('invalid-argument');
  });

  test('the description says which kernels serve', async () => {
    await using reference = cpu({ kernels: 'reference' });
    expect(reference.description).toMatch(/^reference kernels .* as asked for$/);
    await using chosen = cpu();
    const described = describeCpu();
    expect(chosen.description).toContain(`${described.tier} kernels`);
  });

  test.skipIf(simd.length === 0)(
    `HEDDLE_THREADS sets the threads; the option wins ${reason}`,
    async () => {
      vi.stubEnv('HEDDLE_THREADS', '3');
      await using three = cpu();
      expect(three.description).toMatch(/, 3 threads$/);
      await using one = cpu({ threads: 1 });
      expect(one.description).toMatch(/, 1 thread$/);
      expect(describeCpu()).toMatchObject({ tier: 'native', simd: simd[0], threads: 3 });
    },
  );

  test.skipIf(simd.length > 0)(
    'native kernels that are not there are an error, if asked for',
    () => {
      expect(codeOf(() => cpu({ kernels: 'native' }))).toBe('cpu/no-native');
    },
  );
});

describe('a library that cannot serve is reported', () => {
  test('not a library', () => {
    const path = fileURLToPath(import.meta.url);
    expect(openLibrary({ threads: 1, path })).toEqual({
      reason: expect.stringContaining(`${path} does not load: `),
    });
  });

  test('a library of something else', () => {
    const path = process.platform === 'darwin' ? '/usr/lib/libSystem.dylib' : 'libc.so.6';
    expect(openLibrary({ threads: 1, path })).toEqual({
      reason: expect.stringContaining('does not load: '),
    });
  });
});

describe('errors', () => {
  const kernels = simd.length > 0 ? (['native', 'reference'] as const) : (['reference'] as const);
  test.each(kernels)('an index out of range is named (%s)', async (which) => {
    await using backend = cpu({ kernels: which });
    const table = { buffer: backend.alloc(12, 'f32'), shape: [4, 3] };
    const ids = { buffer: backend.alloc(2, 'i32'), shape: [2] };
    const rows = { buffer: backend.alloc(6, 'f32'), shape: [2, 3] };
    const one = { buffer: backend.alloc(2, 'f32'), shape: [2] };
    const other = { buffer: backend.alloc(2, 'f32'), shape: [2] };
    for (const bad of [4, -1]) {
      backend.write(ids.buffer, Int32Array.of(0, bad));
      for (const action of [
        () => backend.run({ kind: 'gather' }, [table, ids], [rows]),
        () => backend.run({ kind: 'scatterAdd' }, [table, ids, rows], [table]),
        () => backend.run({ kind: 'crossEntropy', ignoreIndex: -100 }, [rows, ids], [one, other]),
      ]) {
        expect(action).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
        expect(action).toThrow(`index ${bad} at position 1`);
      }
    }
  });

  test.skipIf(simd.length === 0)(
    'what is passed to C has the length and dtype that C will touch',
    async () => {
      await using backend = cpu({ kernels: 'native' });
      const short = { buffer: backend.alloc(5, 'f32'), shape: [2, 3] };
      const whole = { buffer: backend.alloc(6, 'f32'), shape: [2, 3] };
      const integers = { buffer: backend.alloc(6, 'i32'), shape: [2, 3] };
      const run = (x: typeof whole) => () => backend.run({ kind: 'exp' }, [x], [whole]);
      expect(codeOf(run(short))).toBe('shape-mismatch');
      expect(codeOf(run(integers))).toBe('dtype-mismatch');
      expect(codeOf(() => backend.run({ kind: 'add' }, [whole, integers], [whole]))).toBe(
        'dtype-mismatch',
      );
      expect(codeOf(() => backend.run({ kind: 'softmax' }, [whole], [short]))).toBe(
        'shape-mismatch',
      );
    },
  );
});
