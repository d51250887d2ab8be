import type { Backend, Op, View } from '@heddle/core';
import { sizeOf } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { gpujs, type Mode } from '../src/index.js';
import { missing } from './swiftshader.js';

const MODES: readonly Mode[] = missing ? ['cpu', 'webasm'] : ['cpu', 'webasm', 'webgpu'];

const place = (backend: Backend, shape: readonly number[], data?: Float32Array): View => {
  const buffer = backend.alloc(sizeOf(shape), 'f32');
  if (data) backend.write(buffer, data);
  return { buffer, shape };
};
const run = async (
  backend: Backend,
  op: Op,
  inputs: readonly View[],
  shape: readonly number[],
): Promise<Float32Array> => {
  const out = place(backend, shape);
  backend.run(op, inputs, [out]);
  return (await backend.read(out.buffer)) as Float32Array;
};
/** Whole numbers that f32 holds, different for neighbours. */
function numbers(size: number): Float32Array {
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = i % 65521;
  return data;
}

describe.each(MODES)('large arrays in mode %s', (mode) => {
  it('are indexed exactly beyond 2^24 elements', async () => {
    await using backend = await gpujs({ mode });
    const rows = 2 ** 22 + 3;
    const data = numbers(rows * 4);
    const x = place(backend, [rows, 4], data);
    const y = await run(backend, { kind: 'permute', axes: [1, 0] }, [x], [4, rows]);
    for (const row of [0, 1, rows - 2, rows - 1])
      for (const column of [0, 1, 2, 3])
        expect(y[column * rows + row], `${row}, ${column}`).toBe(data[row * 4 + column]);
    const end = await run(backend, { kind: 'slice', start: [rows - 3, 1] }, [x], [3, 2]);
    expect([...end]).toEqual(
      [3, 2, 1].flatMap((back) => [1, 2].map((column) => data[(rows - back) * 4 + column])),
    );
  });

  // A device starts 65535 groups along an axis, of 8 cells or of 1.
  it.each([
    [
      [600_000, 3],
      [1, 0],
    ],
    [
      [3, 600_000],
      [1, 0],
    ],
    [
      [70_000, 2, 3],
      [0, 2, 1],
    ],
    [
      [70_001, 2, 2, 2],
      [0, 3, 1, 2],
    ],
  ])('%j has its axes permuted to %j', async (shape, axes) => {
    await using backend = await gpujs({ mode });
    const data = numbers(sizeOf(shape));
    const x = place(backend, shape, data);
    const out = axes.map((axis) => shape[axis]);
    const y = await run(backend, { kind: 'permute', axes }, [x], out);
    let wrong = 0;
    for (let flat = 0; flat < y.length; flat++) {
      let rest = flat;
      const at = shape.map(() => 0);
      for (let i = axes.length - 1; i >= 0; i--) {
        at[axes[i]] = rest % out[i];
        rest = Math.floor(rest / out[i]);
      }
      if (y[flat] !== data[at.reduce((index, c, axis) => index * shape[axis] + c, 0)]) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('are summed without losing their digits', async () => {
    await using backend = await gpujs({ mode });
    const size = 1_000_003;
    const x = place(backend, [size], new Float32Array(size).fill(0.1));
    const [sum] = await run(backend, { kind: 'reduceSum', axes: [0] }, [x], [1]);
    // One sum after the other would lose a thousandth.
    expect(Math.abs(sum / (size * Math.fround(0.1)) - 1)).toBeLessThan(2e-5);
  });
});
