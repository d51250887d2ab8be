import { describe, expect, it } from 'vitest';
import { costOf, type DeviceBuffer, type DType, type Op, type View } from '../src/index.js';

const view = (shape: number[], dtype: DType = 'f32'): View => ({
  buffer: { dtype, size: shape.reduce((a, n) => a * n, 1) },
  shape,
});
const views = (...shapes: number[][]): View[] => shapes.map((shape) => view(shape));
const causal = { kind: 'attention', causal: true, scale: 1 } as const;

describe('the cost of a product', () => {
  it.each([
    [false, false, [3, 5], [5, 7]],
    [false, true, [3, 5], [7, 5]],
    [true, false, [5, 3], [5, 7]],
    [true, true, [5, 3], [7, 5]],
  ])('is 2 M N K with transposes %s and %s', (transposeA, transposeB, a, b) => {
    const op: Op = { kind: 'matmul', transposeA, transposeB };
    expect(costOf(op, views(a, b), views([3, 7]))).toEqual({
      flops: 2 * 3 * 5 * 7,
      bytes: 4 * (15 + 35 + 21),
    });
  });

  it('counts every batch', () => {
    const op: Op = { kind: 'matmul', transposeA: false, transposeB: false };
    expect(costOf(op, views([4, 3, 5], [4, 5, 7]), views([4, 3, 7])).flops).toBe(4 * 210);
  });

  it('counts bf16 with two bytes, and an operand that is given twice once', () => {
    const op: Op = { kind: 'matmul', transposeA: true, transposeB: false };
    const x = view([5, 3], 'bf16');
    expect(costOf(op, [x, x], [view([3, 3], 'bf16')]).bytes).toBe(2 * (15 + 9));
  });

  it('counts what is done to its result', () => {
    const linear: Op = { kind: 'linear', transposeWeight: true, bias: true, residual: true };
    expect(costOf(linear, views([3, 5], [7, 5], [7], [3, 7]), views([3, 7])).flops).toBe(
      210 + 21 + 21,
    );
    const up: Op = {
      kind: 'linearActivation',
      transposeWeight: false,
      bias: true,
      activation: 'geluTanh',
    };
    expect(costOf(up, views([3, 5], [5, 7], [7]), views([3, 7], [3, 7])).flops).toBe(
      210 + 21 * (1 + 9),
    );
    // dy [3, 7], w [5, 7] -> dz [3, 5]
    const down: Op = {
      kind: 'activationLinearBackward',
      transposeWeight: false,
      activation: 'swiglu',
    };
    const gradients = views([3, 5], [3, 5]);
    expect(costOf(down, views([3, 7], [5, 7], [3, 5], [3, 5]), gradients).flops).toBe(
      210 + 15 * 12,
    );
    const weight: Op = {
      kind: 'linearBackwardWeight',
      transposeWeight: false,
      bias: true,
      accumulate: true,
    };
    expect(costOf(weight, views([3, 5], [3, 7], [5, 7], [7]), views([5, 7], [7])).flops).toBe(
      210 + 21 + 35 + 7,
    );
  });
});

describe('the cost of attention', () => {
  const qkv = views([2, 4, 6, 8], [2, 4, 3, 8], [2, 4, 3, 8]);
  const outs = views([2, 4, 6, 8], [2, 6, 4]);
  const pair = 4 * 8 * 2 * 6; // two products of length 8 in 2 rows of 6 heads

  it('is that of all pairs without a mask', () => {
    expect(costOf({ ...causal, causal: false }, qkv, outs)).toEqual({
      flops: pair * 16,
      bytes: 4 * (384 + 2 * 192 + 384 + 48),
    });
  });

  it('is that of the visible pairs with one', () => {
    expect(costOf(causal, qkv, outs).flops).toBe(pair * (1 + 2 + 3 + 4));
    expect(costOf({ ...causal, window: 2 }, qkv, outs).flops).toBe(pair * (1 + 2 + 2 + 2));
    expect(costOf({ ...causal, window: 9 }, qkv, outs).flops).toBe(pair * 10);
  });

  it('agrees with counting, for every number of queries, keys and window', () => {
    for (let t = 1; t <= 5; t++) {
      for (let s = 1; s <= 7; s++) {
        for (const window of [undefined, 1, 2, 3, 6]) {
          let pairs = 0;
          for (let i = 0; i < t; i++)
            for (let j = 0; j < s; j++) {
              const last = i + s - t;
              if (j <= last && (window === undefined || j > last - window)) pairs++;
            }
          const inputs = views([1, t, 1, 8], [1, s, 1, 8], [1, s, 1, 8]);
          const { flops } = costOf({ ...causal, window }, inputs, views([1, t, 1, 8], [1, 1, t]));
          expect(flops, `${t} queries, ${s} keys, window ${window}`).toBe(4 * 8 * pairs);
        }
      }
    }
  });

  it('reads only the part of a cache that is filled', () => {
    const q = view([1, 1, 2, 8]);
    const inputs = [q, view([1, 100, 1, 8]), view([1, 100, 1, 8])];
    expect(costOf({ ...causal, keyLength: 10 }, inputs, views([1, 1, 2, 8], [1, 2, 1]))).toEqual({
      flops: 4 * 8 * 2 * 10,
      bytes: 4 * (16 + 2 * 80 + 16 + 2),
    });
  });

  it('is the same with queries, keys and values in one tensor', () => {
    const packed = costOf({ ...causal, packedGroups: 3 }, views([2, 4, 12, 8]), outs);
    expect(packed).toEqual(costOf(causal, qkv, outs));
  });

  it('is 2.5 times that in the backward pass', () => {
    const inputs = [...qkv, ...outs, view([2, 4, 6, 8])];
    const op: Op = { ...causal, kind: 'attentionBackward' };
    expect(costOf(op, inputs, qkv).flops).toBe(2.5 * costOf(causal, qkv, outs).flops);
  });
});

describe('the cost of other operations', () => {
  it('is that of what moves', () => {
    const table = view([1000, 8]);
    const ids = view([5], 'i32');
    const rows = view([5, 8]);
    expect(costOf({ kind: 'gather' }, [table, ids], [rows])).toEqual({
      flops: 0,
      bytes: 4 * (5 + 2 * 40),
    });
    expect(costOf({ kind: 'scatterAdd' }, [table, ids, rows], [table])).toEqual({
      flops: 40,
      bytes: 4 * (5 + 3 * 40),
    });
    expect(costOf({ kind: 'scatterAdd' }, [table, ids, rows], [view([1000, 8])]).bytes).toBe(
      4 * (8000 + 5 + 40 + 8000),
    );
    expect(costOf({ kind: 'slice', start: [7, 0] }, [table], [rows]).bytes).toBe(4 * 2 * 40);
    const update: Op = { kind: 'updateSlice', start: [7, 0] };
    expect(costOf(update, [table, rows], [table]).bytes).toBe(4 * 2 * 40);
    expect(costOf(update, [table, rows], [view([1000, 8])]).bytes).toBe(4 * (2 * 8000 + 40));
  });

  it('counts each element, and operands that are broadcast as they are stored', () => {
    expect(costOf({ kind: 'add' }, views([3, 5], [5]), views([3, 5]))).toEqual({
      flops: 15,
      bytes: 4 * (15 + 5 + 15),
    });
    expect(costOf({ kind: 'softmax' }, views([3, 5]), views([3, 5])).flops).toBe(15 * 5);
    expect(costOf({ kind: 'reduceSum', axes: [0] }, views([3, 5]), views([1, 5])).flops).toBe(15);
    expect(costOf({ kind: 'fill', value: 1 }, [], views([3, 5]))).toEqual({ flops: 0, bytes: 60 });
  });

  it('counts logits, not losses', () => {
    const inputs = [view([3, 50]), view([3], 'i32')];
    const { flops } = costOf({ kind: 'crossEntropy', ignoreIndex: -1 }, inputs, views([3], [3]));
    expect(flops).toBe(150 * 4);
  });

  it('counts all tensors of those that take many', () => {
    expect(costOf({ kind: 'sumOfSquares' }, views([3, 5], [7]), views([]))).toEqual({
      flops: 2 * 22,
      bytes: 4 * (22 + 1),
    });
    const buffers: DeviceBuffer[] = [15, 15, 15, 15, 7, 7, 7, 7].map((size) => ({
      dtype: 'f32',
      size,
    }));
    const all: View[] = buffers.map((buffer) => ({ buffer, shape: [buffer.size] }));
    const state = all.filter((_, i) => i % 4 !== 1);
    const op: Op = {
      kind: 'adamw',
      lr: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      step: 1,
    };
    expect(costOf(op, [view([]), ...all], state)).toEqual({
      flops: 15 * 22,
      bytes: 4 * (1 + 7 * 22),
    });
  });
});
