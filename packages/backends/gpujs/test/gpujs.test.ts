import type { Backend, HeddleError, Op, View } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { describeGpujs, gpujs, type Mode, plugin } from '../src/index.js';
import { missing } from './swiftshader.js';

/** Those that can be had here. */
const MODES: readonly Mode[] = missing ? ['cpu', 'webasm'] : ['cpu', 'webasm', 'webgpu'];

const code = (error: unknown): string => (error as HeddleError).code;
const failure = async (action: () => unknown): Promise<HeddleError> => {
  try {
    await action();
  } catch (error) {
    return error as HeddleError;
  }
  throw new Error('it was not refused');
};
const view = (backend: Backend, data: Float32Array | Int32Array): View => {
  const buffer = backend.alloc(data.length, data instanceof Int32Array ? 'i32' : 'f32');
  backend.write(buffer, data);
  return { buffer, shape: [data.length] };
};
const result = async (
  backend: Backend,
  op: Op,
  inputs: readonly View[],
  size: number,
  dtype: 'f32' | 'i32' = 'i32',
): Promise<number[]> => {
  const buffer = backend.alloc(size, dtype);
  backend.run(op, inputs, [{ buffer, shape: [size] }]);
  return [...(await backend.read(buffer))];
};

describe('modes', () => {
  it('are described, with what mends those that cannot serve', async () => {
    const { mode, modes } = await describeGpujs();
    expect(modes.map((one) => one.mode)).toEqual(['webgpu', 'gpu', 'webasm', 'cpu']);
    expect(modes.find((one) => one.mode === mode)?.obstacle).toBeUndefined();
    for (const { obstacle } of modes) {
      if (obstacle === undefined) continue;
      expect(obstacle.reason).not.toBe('');
      expect(obstacle.remedy).not.toBe('');
    }
    expect(modes.filter((one) => one.obstacle === undefined).map((one) => one.mode)).toEqual(
      expect.arrayContaining(['webasm', 'cpu']),
    );
  });

  it('the best is taken where none is asked for', async () => {
    await using backend = await gpujs();
    expect(backend.mode).toBe((await describeGpujs()).mode);
    expect(backend.description).not.toBe('');
  });

  it('one that cannot serve is an error that says why', async () => {
    const { modes } = await describeGpujs();
    for (const { mode, obstacle } of modes) {
      if (obstacle === undefined) continue;
      const error = await failure(() => gpujs({ mode }));
      expect(code(error)).toBe('gpujs/no-mode');
      expect(error.details).toEqual({ mode, reason: obstacle.reason });
      expect(error.message).toContain(obstacle.remedy);
    }
  });

  it('an unknown one is refused', async () => {
    const error = await failure(() => gpujs({ mode: 'webgl' as Mode }));
    expect(code(error)).toBe('invalid-argument');
    expect(error.message).toContain('webasm');
    const near = await failure(() => gpujs({ mode: 'WebGPU' as Mode }));
    expect(near.message).toContain('Did you mean "webgpu"?');
  });
});

describe('the plugin', () => {
  it('makes the backend from options of a configuration', async () => {
    const { gpujs: make } = plugin.backends ?? {};
    await using backend = await make?.({ mode: 'cpu' });
    expect(backend?.name).toBe('gpujs');
  });

  it('says what the machine offers', async () => {
    const found = (await plugin.diagnose?.()) ?? [];
    const { modes } = await describeGpujs();
    expect(found.map(({ subject }) => subject)).toEqual(modes.map(({ mode }) => `gpujs ${mode}`));
    expect(found.map(({ serves }) => serves)).toEqual(modes.map(({ obstacle }) => !obstacle));
    for (const { detail } of found) expect(detail).not.toBe('');
  });

  it('refuses options that it does not know, and wrong values', async () => {
    const unknown = await failure(() => plugin.backends?.gpujs({ mod: 'cpu' }));
    expect(code(unknown)).toBe('invalid-argument');
    expect(unknown.message).toContain('Did you mean "mode"?');
    for (const mode of [7, null, ['cpu']]) {
      const wrong = await failure(() => plugin.backends?.gpujs({ mode }));
      expect(code(wrong)).toBe('invalid-argument');
    }
  });
});

describe.each(MODES)('bad input in mode %s', (mode) => {
  it('is refused', async () => {
    await using backend = await gpujs({ mode });
    await using other = await gpujs({ mode });
    const x = view(backend, Float32Array.of(1, 2));
    const calls: [string, () => unknown][] = [
      ['dtype-mismatch', () => backend.alloc(4, 'bf16')],
      ['device-limit', () => backend.alloc(2 ** 31, 'f32')],
      ['device-limit', () => view(backend, Int32Array.of(2 ** 24 + 1))],
      ['device-limit', () => result(backend, { kind: 'fill', value: -(2 ** 24) - 2 }, [], 3)],
      ['mixed-backends', () => other.read(x.buffer)],
      ['unsupported-op', () => backend.run({ kind: 'twist' } as unknown as Op, [x], [x])],
    ];
    for (const [expected, call] of calls) expect(code(await failure(call))).toBe(expected);
    backend.free(x.buffer);
    expect(code(await failure(() => backend.read(x.buffer)))).toBe('use-after-free');
  });

  it('whole numbers are exact, or an error', async () => {
    await using backend = await gpujs({ mode });
    const a = view(backend, Int32Array.of(-7, 7, 2 ** 24 - 1, 4095, -4096));
    const b = view(backend, Int32Array.of(2, -2, -1, 4097, 4095));
    expect(await result(backend, { kind: 'div' }, [a, b], 5)).toEqual([
      -3,
      -3,
      -(2 ** 24 - 1),
      0,
      -1,
    ]);
    expect(await result(backend, { kind: 'mul' }, [a, a], 5).catch(code)).toBe('device-limit');
    const small = view(backend, Int32Array.of(4095, -4096, 3));
    const factor = view(backend, Int32Array.of(4096, 4095, 5));
    expect(await result(backend, { kind: 'mul' }, [small, factor], 3)).toEqual([
      4095 * 4096,
      -4096 * 4095,
      15,
    ]);
    const base = view(backend, Int32Array.of(-1, 1, 0, 2, -3, 7));
    const exponent = view(backend, Int32Array.of(1001, 9999, 50, 23, 15, 0));
    expect(await result(backend, { kind: 'pow' }, [base, exponent], 6)).toEqual([
      -1,
      1,
      0,
      2 ** 23,
      -(3 ** 15),
      1,
    ]);
    const large = view(backend, Float32Array.of(3e9));
    expect(await result(backend, { kind: 'cast' }, [large], 1).catch(code)).toBe('device-limit');
  });

  it('the largest whole number passes through what cannot go beyond', async () => {
    await using backend = await gpujs({ mode });
    const x = view(backend, Int32Array.of(2 ** 24, -(2 ** 24)));
    const y = view(backend, Int32Array.of(-5, 5));
    expect(await result(backend, { kind: 'maximum' }, [x, y], 2)).toEqual([2 ** 24, 5]);
    expect(await result(backend, { kind: 'minimum' }, [x, y], 2)).toEqual([-5, -(2 ** 24)]);
    expect(await result(backend, { kind: 'cast' }, [x], 2, 'f32')).toEqual([2 ** 24, -(2 ** 24)]);
  });

  it('an integer that went beyond stays an error in what is made of it', async () => {
    await using backend = await gpujs({ mode });
    const x = view(backend, Int32Array.of(2 ** 23));
    const y = backend.alloc(1, 'i32');
    const out = { buffer: y, shape: [1] };
    backend.run({ kind: 'mul' }, [x, x], [out]);
    backend.run({ kind: 'sub' }, [out, x], [out]);
    expect(await Promise.resolve(backend.read(y)).catch(code)).toBe('device-limit');
  });
});
