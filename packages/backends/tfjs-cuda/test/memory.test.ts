import { type DeviceBuffer, type Op, sizeOf, type View } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { type TfjsBackend, tfjsCuda } from '../src/index.js';
import { ENGINES } from './engines.js';

/** Runs the operation on fresh buffers and gives all back. */
function runOnce(
  backend: TfjsBackend,
  op: Op,
  inputs: readonly (readonly [number[], 'f32' | 'i32'])[],
  output: readonly number[],
): void {
  const owned: DeviceBuffer[] = [];
  const place = (shape: readonly number[], dtype: 'f32' | 'i32'): View => {
    const buffer = backend.alloc(sizeOf(shape), dtype);
    owned.push(buffer);
    return { buffer, shape };
  };
  try {
    const views = inputs.map(([shape, dtype]) => place(shape, dtype));
    backend.run(op, views, [place(output, 'f32')]);
  } finally {
    for (const buffer of owned) backend.free(buffer);
  }
}

describe.each(ENGINES)('on $engine', ({ engine, without }) => {
  it('all tensors of tfjs are disposed of, those of a failed operation too', async (test) => {
    if (without !== undefined) test.skip(without);
    const backend = await tfjsCuda({ engine });
    const f = (...shape: number[]): [number[], 'f32'] => [shape, 'f32'];
    const once = (): void => {
      const product = { kind: 'matmul', transposeA: true, transposeB: true } as const;
      runOnce(backend, product, [f(4, 3, 2), f(4, 5, 3)], [4, 2, 5]);
      runOnce(backend, product, [f(4, 32, 33), f(4, 31, 32)], [4, 33, 31]);
      runOnce(backend, { kind: 'updateSlice', start: [1, 1] }, [f(4, 4), f(2, 2)], [4, 4]);
      runOnce(backend, { kind: 'scatterAdd' }, [f(4, 2), [[3], 'i32'], f(3, 2)], [4, 2]);
      runOnce(backend, { kind: 'broadcast' }, [f(2)], [2]);
      runOnce(backend, { kind: 'reduceSum', axes: [0] }, [f(3, 2)], [1, 2]);
      const shapes = [f(2, 3), f(4, 5)];
      const wrong = { kind: 'matmul', transposeA: false, transposeB: false } as const;
      expect(() => runOnce(backend, wrong, shapes, [2, 5])).toThrow(/"matmul" failed/);
    };
    once();
    await backend.sync();
    const before = tf.memory().numTensors;
    once();
    await backend.sync();
    expect(tf.memory().numTensors).toBe(before);
    expect(backend.memory().live).toBe(0);
    await backend[Symbol.asyncDispose]();
  });
});
