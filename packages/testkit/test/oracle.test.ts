import {
  type AttentionOptions,
  fold,
  type Op,
  randomNormal,
  rngKey,
  type Shape,
  sizeOf,
} from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { oracle, type Spec, type Value } from '../src/index.js';
import { erf } from '../src/oracle/elementwise.js';
import { roundToBf16 } from '../src/oracle/value.js';

/** Doubles that are not rounded to f32, so that finite differences are tight. */
function normal(name: string, shape: Shape): Value {
  const data = randomNormal(fold(rngKey(3), name), sizeOf(shape));
  return { shape, dtype: 'f32', data: Float64Array.from(data, (x) => x + 1e-9) };
}
const ints = (shape: Shape, data: readonly number[]): Value => ({
  shape,
  dtype: 'i32',
  data: Float64Array.from(data),
});
const spec = (shape: Shape): Spec => ({ shape, dtype: 'f32' });

/** d(sum of weights * f) / d(one input), by central differences. */
function numericGradient(
  f: (inputs: readonly Value[]) => Value,
  inputs: readonly Value[],
  wrt: number,
  weights: Value,
): Float64Array {
  const h = 1e-5;
  const loss = (x: Value): number => {
    const y = f(inputs.map((input, i) => (i === wrt ? x : input)));
    return y.data.reduce((sum, value, i) => sum + value * weights.data[i], 0);
  };
  return inputs[wrt].data.map((_, at) => {
    const moved = (delta: number): Value => {
      const data = inputs[wrt].data.slice();
      data[at] += delta;
      return { ...inputs[wrt], data };
    };
    return (loss(moved(h)) - loss(moved(-h))) / (2 * h);
  });
}

function expectClose(got: Float64Array, wanted: Float64Array): void {
  expect(got.length).toBe(wanted.length);
  got.forEach((x, i) => {
    expect(Math.abs(x - wanted[i]), `[${i}] ${x} ${wanted[i]}`).toBeLessThan(
      1e-7 * (1 + Math.abs(wanted[i])),
    );
  });
}

/** Compares the oracle's gradients with differences of its first output. */
function expectGradients(
  op: Op,
  inputs: readonly Value[],
  outputs: readonly Spec[],
  gradients: (dy: Value, forward: readonly Value[]) => readonly Value[],
): void {
  const dy = normal('dy', outputs[0].shape);
  const forward = oracle(op, inputs, outputs);
  gradients(dy, forward).forEach((gradient, wrt) => {
    const numeric = numericGradient((x) => oracle(op, x, outputs)[0], inputs, wrt, dy);
    expectClose(gradient.data, numeric);
  });
}

describe('backward formulas are the derivatives of the forward formulas', () => {
  it.each(['none', 'tanh'] as const)('gelu %s', (approximate) => {
    const x = normal('x', [17]);
    expectGradients({ kind: 'gelu', approximate }, [x], [spec([17])], (dy) =>
      oracle({ kind: 'geluBackward', approximate }, [x, dy], [spec([17])]),
    );
  });

  it('swiglu', () => {
    const inputs = [normal('gate', [11]), normal('up', [11])];
    expectGradients({ kind: 'swiglu' }, inputs, [spec([11])], (dy) =>
      oracle({ kind: 'swigluBackward' }, [...inputs, dy], [spec([11]), spec([11])]),
    );
  });

  it('softmax', () => {
    const x = normal('x', [3, 5]);
    expectGradients({ kind: 'softmax' }, [x], [spec([3, 5])], (dy, [y]) =>
      oracle({ kind: 'softmaxBackward' }, [y, dy], [spec([3, 5])]),
    );
  });

  it('layerNorm', () => {
    const [x, gain, bias] = [normal('x', [4, 6]), normal('gain', [6]), normal('bias', [6])];
    const outputs = [spec([4, 6]), spec([4]), spec([4])];
    expectGradients(
      { kind: 'layerNorm', epsilon: 1e-3 },
      [x, gain, bias],
      outputs,
      (dy, [, mean, rstd]) =>
        oracle(
          { kind: 'layerNormBackward' },
          [x, gain, mean, rstd, dy],
          [spec([4, 6]), spec([6]), spec([6])],
        ),
    );
  });

  it('rmsNorm', () => {
    const [x, gain] = [normal('x', [4, 6]), normal('gain', [6])];
    const outputs = [spec([4, 6]), spec([4])];
    expectGradients({ kind: 'rmsNorm', epsilon: 1e-3 }, [x, gain], outputs, (dy, [, rstd]) =>
      oracle({ kind: 'rmsNormBackward' }, [x, gain, rstd, dy], [spec([4, 6]), spec([6])]),
    );
  });

  it('rope', () => {
    const angle = normal('angle', [1, 3, 2]);
    const [cos, sin] = [Math.cos, Math.sin].map((g) => ({ ...angle, data: angle.data.map(g) }));
    const x = normal('x', [2, 3, 2, 4]);
    const outputs = [spec(x.shape)];
    expectGradients({ kind: 'rope', inverse: false }, [x, cos, sin], outputs, (dy) =>
      oracle({ kind: 'rope', inverse: true }, [dy, cos, sin], outputs),
    );
  });

  const attentions: readonly [string, Partial<AttentionOptions>, number, number, boolean][] = [
    ['bidirectional', {}, 4, 4, false],
    ['causal', { causal: true }, 4, 4, false],
    ['longer keys', { causal: true }, 3, 5, false],
    ['queries that see nothing', { causal: true }, 5, 3, false],
    ['window', { causal: true, window: 2 }, 5, 5, false],
    ['segments', { causal: true }, 5, 5, true],
  ];
  it.each(attentions)('attention: %s', (_, change, T, S, segmented) => {
    const [B, H, G, D] = [2, 4, 2, 3];
    const inputs = [
      normal('q', [B, T, H, D]),
      normal('k', [B, S, G, D]),
      normal('v', [B, S, G, D]),
    ];
    const segments = [T, S].map((n) =>
      ints(
        [B, n],
        Array.from({ length: B * n }, (_, i) => (i % n) >> 1),
      ),
    );
    const all = [...inputs, ...(segmented ? segments : [])];
    const options = { causal: false, scale: 0.6, ...change };
    const outputs = [spec([B, T, H, D]), spec([B, H, T])];
    expectGradients({ kind: 'attention', ...options }, all, outputs, (dout, [out, lse]) =>
      oracle(
        { kind: 'attentionBackward', ...options },
        [...inputs, out, lse, dout, ...(segmented ? segments : [])],
        inputs.map((x) => spec(x.shape)),
      ),
    );
  });

  it('crossEntropy', () => {
    const logits = normal('logits', [4, 5]);
    const targets = ints([4], [1, -100, 4, 0]);
    const outputs = [spec([4]), spec([4])];
    const op = { kind: 'crossEntropy', ignoreIndex: -100 } as const;
    expectGradients(op, [logits, targets], outputs, (dloss, [, lse]) =>
      oracle(
        { kind: 'crossEntropyBackward', ignoreIndex: -100 },
        [logits, targets, lse, dloss],
        [spec([4, 5])],
      ),
    );
  });
});

describe('forward formulas at known points', () => {
  it('erf (values of Abramowitz & Stegun, table 7.1, and DLMF)', () => {
    expect(erf(0)).toBe(0);
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 14);
    expect(erf(1)).toBeCloseTo(0.8427007929497149, 14);
    expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 14);
    expect(erf(3.5)).toBeCloseTo(0.999999256901628, 14);
    expect(erf(Infinity)).toBe(1);
    expect(erf(Number.NaN)).toBeNaN();
  });

  it('bf16 rounds to nearest, ties to even', () => {
    expect(roundToBf16(1 + 2 ** -8)).toBe(1);
    expect(roundToBf16(1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6);
    expect(roundToBf16(1 + 2 ** -8 + 2 ** -20)).toBe(1 + 2 ** -7);
    expect(roundToBf16(3.4e38)).toBe(Infinity);
    expect(roundToBf16(-Infinity)).toBe(-Infinity);
    expect(roundToBf16(Number.NaN)).toBeNaN();
  });

  it('attention over uniform scores is the mean of what is seen', () => {
    const zero = { ...normal('q', [1, 3, 1, 2]), data: new Float64Array(6) };
    const v = { ...zero, data: Float64Array.of(1, 10, 2, 20, 6, 60) };
    const op = { kind: 'attention', causal: true, scale: 1 } as const;
    const [out, lse] = oracle(op, [zero, zero, v], [spec([1, 3, 1, 2]), spec([1, 1, 3])]);
    expectClose(out.data, Float64Array.of(1, 10, 1.5, 15, 3, 30));
    expectClose(lse.data, Float64Array.of(0, Math.log(2), Math.log(3)));
  });

  it('crossEntropy of equal logits is the log of their number', () => {
    const logits = { ...normal('l', [1, 8]), data: new Float64Array(8).fill(3) };
    const op = { kind: 'crossEntropy', ignoreIndex: -1 } as const;
    const [loss] = oracle(op, [logits, ints([1], [2])], [spec([1]), spec([1])]);
    expect(loss.data[0]).toBeCloseTo(Math.log(8), 14);
  });
});
