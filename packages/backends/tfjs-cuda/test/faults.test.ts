import { type Backend, HeddleError, type Op, type View } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { tfjsCuda } from '../src/index.js';

function thrown(action: () => unknown): HeddleError {
  try {
    action();
  } catch (error) {
    if (HeddleError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Runs an operation from one fresh buffer into another. */
function run(backend: Backend, op: Op, from: readonly number[], to: readonly number[]): void {
  const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const x = backend.alloc(size(from), 'f32');
  const y = backend.alloc(size(to), 'f32');
  backend.run(op, [{ buffer: x, shape: from }], [{ buffer: y, shape: to }]);
}

describe.each(['wasm', 'cpu'] as const)('on %s', (engine) => {
  it('there is no bf16', async () => {
    const backend = await tfjsCuda({ engine });
    expect(backend.dtypes).toEqual(['f32', 'i32']);
    const error = thrown(() => backend.alloc(2, 'bf16'));
    expect(error.code).toBe('dtype-mismatch');
    expect(error.message).toContain('only f32 and i32');
    expect(backend.supports({ kind: 'add' }, 'bf16')).toBe(false);
  });

  it('six axes are moved, cut, filled up and repeated; a seventh is refused', async () => {
    const backend = await tfjsCuda({ engine });
    const shape = [2, 1, 3, 2, 1, 2];
    run(backend, { kind: 'permute', axes: [5, 4, 3, 2, 1, 0] }, shape, [2, 1, 2, 3, 1, 2]);
    run(backend, { kind: 'slice', start: [1, 0, 1, 0, 0, 1] }, shape, [1, 1, 2, 1, 1, 1]);
    run(backend, { kind: 'pad', before: [0, 1, 0, 0, 0, 0], value: 2 }, shape, [2, 3, 3, 2, 1, 2]);
    run(backend, { kind: 'broadcast' }, shape, [2, 4, 3, 2, 5, 2]);
    run(backend, { kind: 'reduceSum', axes: [1, 3, 5] }, shape, [2, 1, 3, 1, 1, 1]);
    const error = thrown(() => run(backend, { kind: 'exp' }, [...shape, 1], [...shape, 1]));
    expect(error.code).toBe('device-limit');
    expect(error.details).toMatchObject({ limit: 'rank', asked: 7, most: 6 });
    expect(error.message).toContain('Reshape');
  });

  it('integers are divided as integers, however large', async () => {
    const backend = await tfjsCuda({ engine });
    const place = (numbers: readonly number[]): View => {
      const buffer = backend.alloc(numbers.length, 'i32');
      backend.write(buffer, Int32Array.from(numbers));
      return { buffer, shape: [numbers.length] };
    };
    const x = place([2147483647, -2147483647, 100000007, -7]);
    const quotient = place([0, 0, 0, 0]);
    backend.run({ kind: 'div' }, [x, place([2, 2, 3, 2])], [quotient]);
    const numbers = await backend.read(quotient.buffer);
    expect([...numbers]).toEqual([1073741823, -1073741823, 33333335, -3]);
  });

  it('buffers of another instance are refused', async () => {
    const [one, other] = [await tfjsCuda({ engine }), await tfjsCuda({ engine })];
    const view = { buffer: other.alloc(1, 'f32'), shape: [1] };
    const own = { buffer: one.alloc(1, 'f32'), shape: [1] };
    const error = thrown(() => one.run({ kind: 'add' }, [own, view], [own]));
    expect(error.code).toBe('mixed-backends');
  });

  it('what was freed is refused', async () => {
    const backend = await tfjsCuda({ engine });
    const buffer = backend.alloc(1, 'f32');
    backend.free(buffer);
    const view = { buffer, shape: [1] };
    const error = thrown(() => backend.run({ kind: 'exp' }, [view], [view]));
    expect(error.code).toBe('use-after-free');
  });

  it('an id outside its table is refused, as memory of others lies there', async () => {
    const backend = await tfjsCuda({ engine });
    const table = { buffer: backend.alloc(4, 'f32'), shape: [2, 2] };
    const ids = { buffer: backend.alloc(1, 'i32'), shape: [1] };
    backend.write(ids.buffer, Int32Array.of(2));
    const rows = { buffer: backend.alloc(2, 'f32'), shape: [1, 2] };
    for (const error of [
      thrown(() => backend.run({ kind: 'gather' }, [table, ids], [rows])),
      thrown(() => backend.run({ kind: 'scatterAdd' }, [table, ids, rows], [table])),
    ]) {
      expect(error.code).toBe('kernel-failed');
      expect(error.message).toContain('id 2 given where 0 to 1 exist');
    }
  });
});

describe('on wasm', () => {
  it('more than WebAssembly can address is refused, and the backend goes on', async () => {
    const backend = await tfjsCuda({ engine: 'wasm' });
    const limit = thrown(() => backend.alloc(2 ** 30, 'f32'));
    expect(limit.code).toBe('device-limit');
    const buffer = backend.alloc(2 ** 30 - 2, 'f32');
    const view = { buffer, shape: [buffer.size] };
    const full = thrown(() => backend.run({ kind: 'fill', value: 1 }, [], [view]));
    expect(full.code).toBe('out-of-memory');
    expect(full.message).toContain('smaller');
    backend.free(buffer);
    const small = backend.alloc(2, 'f32');
    backend.run({ kind: 'fill', value: 3 }, [], [{ buffer: small, shape: [2] }]);
    expect([...(await backend.read(small))]).toEqual([3, 3]);
  });
});
