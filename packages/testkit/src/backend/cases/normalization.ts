import { type Op, type Shape, sizeOf } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  type Float,
  make,
  normal,
  replaced,
  resultsOf,
  spec,
  summed,
} from './case.js';

const SHAPES: readonly Shape[] = [[7], [3, 5], [2, 3, 33], [67, 257], [2, 5000], [700, 12]];
const EDGES: readonly Shape[] = [[1], [3, 1], [0, 5], [2, 0, 4]];

const gainOf = (shape: Shape, f: Float): Value => normal('gain', shape.slice(-1), f, 0.5, 1);

function layerNorm(f: Float, x: Value, epsilon = 1e-5, options: CaseOptions = {}): Case {
  const { shape } = x;
  const rows = shape.slice(0, -1);
  return make(
    { kind: 'layerNorm', epsilon },
    [x, gainOf(shape, f), normal('bias', shape.slice(-1), f)],
    [spec(shape, f), spec(rows), spec(rows)],
    { tolerance: { relative: 2e-5, absolute: 1e-5 }, ...options },
  );
}

function layerNormBackward(f: Float, shape: Shape): Case {
  const forward = layerNorm(f, normal('x', shape, f));
  const [, mean, rstd] = resultsOf(forward);
  const [x, gain] = forward.inputs;
  const rows = sizeOf(mean.shape);
  return make(
    { kind: 'layerNormBackward' },
    [x, gain, mean, rstd, normal('dy', shape, f)],
    [spec(shape, f), spec(gain.shape, f), spec(gain.shape, f)],
    { tolerance: summed(rows, 4) },
  );
}

/** The same with a gradient that is there already, in its place and not. */
function accumulated(plain: Case): Case[] {
  const [dx] = plain.outputs;
  const base = normal('base', dx.shape, dx.dtype as Float);
  const op = { ...plain.op, accumulate: true } as Op;
  const inputs = [...plain.inputs, base];
  const inPlace = [inputs.length - 1];
  const { tolerance } = plain;
  return [
    make(op, inputs, plain.outputs, { tolerance }),
    make(op, inputs, plain.outputs, { tolerance, inPlace, name: 'in place' }),
  ];
}

function rmsNorm(f: Float, x: Value, epsilon = 1e-6, options: CaseOptions = {}): Case {
  const { shape } = x;
  return make(
    { kind: 'rmsNorm', epsilon },
    [x, gainOf(shape, f)],
    [spec(shape, f), spec(shape.slice(0, -1))],
    { tolerance: { relative: 2e-5, absolute: 1e-5 }, ...options },
  );
}

function rmsNormBackward(f: Float, shape: Shape): Case {
  const forward = rmsNorm(f, normal('x', shape, f));
  const [, rstd] = resultsOf(forward);
  const [x, gain] = forward.inputs;
  const rows = sizeOf(rstd.shape);
  return make(
    { kind: 'rmsNormBackward' },
    [x, gain, rstd, normal('dy', shape, f)],
    [spec(shape, f), spec(gain.shape, f)],
    { tolerance: summed(rows, 4) },
  );
}

/** One row with NaN, one with Infinity: the others stay whole. */
const wild = (f: Float): Value => replaced(normal('x', [4, 9], f), { 3: Number.NaN, 20: Infinity });

export function normalizationCases(): CaseGroup[] {
  const epsilons = (f: Float, one: typeof layerNorm | typeof rmsNorm): Case[] => [
    one(f, normal('x', [3, 5], f, 1e-2), 0.1),
    one(f, { ...normal('x', [2, 5], f), data: new Float64Array(10) }, 1e-5, { name: 'zeros' }),
  ];
  return [
    {
      kind: 'layerNorm',
      aspect: 'values',
      cases: (f) => [
        ...SHAPES.map((shape) => layerNorm(f, normal('x', shape, f))),
        ...epsilons(f, layerNorm),
      ],
    },
    {
      kind: 'layerNorm',
      aspect: 'large mean',
      // A variance of mean(x^2) - mean(x)^2 has nothing left here; two passes (or Welford) have.
      cases: (f) => [
        layerNorm(f, normal('far', [5, 300], f, 1, 3000), 1e-5, {
          tolerance: { relative: 1e-3, absolute: 2e-3 },
        }),
      ],
    },
    {
      kind: 'layerNorm',
      aspect: 'edge shapes',
      cases: (f) => EDGES.map((shape) => layerNorm(f, normal('x', shape, f))),
    },
    { kind: 'layerNorm', aspect: 'NaN and infinities', cases: (f) => [layerNorm(f, wild(f))] },
    {
      kind: 'layerNormBackward',
      aspect: 'values',
      cases: (f) => SHAPES.map((shape) => layerNormBackward(f, shape)),
    },
    {
      kind: 'layerNormBackward',
      aspect: 'accumulate',
      cases: (f) => SHAPES.flatMap((shape) => accumulated(layerNormBackward(f, shape))),
    },
    {
      kind: 'layerNormBackward',
      aspect: 'edge shapes',
      cases: (f) => EDGES.slice(2).map((shape) => layerNormBackward(f, shape)),
    },
    {
      kind: 'rmsNorm',
      aspect: 'values',
      cases: (f) => [
        ...SHAPES.map((shape) => rmsNorm(f, normal('x', shape, f))),
        ...epsilons(f, rmsNorm),
      ],
    },
    {
      kind: 'rmsNorm',
      aspect: 'edge shapes',
      cases: (f) => EDGES.map((shape) => rmsNorm(f, normal('x', shape, f))),
    },
    {
      kind: 'rmsNorm',
      aspect: 'NaN and infinities',
      cases: (f) => [rmsNorm(f, replaced(normal('x', [4, 9], f), { 3: Number.NaN }))],
    },
    {
      kind: 'rmsNormBackward',
      aspect: 'values',
      cases: (f) => SHAPES.map((shape) => rmsNormBackward(f, shape)),
    },
    {
      kind: 'rmsNormBackward',
      aspect: 'accumulate',
      cases: (f) => SHAPES.flatMap((shape) => accumulated(rmsNormBackward(f, shape))),
    },
    {
      kind: 'rmsNormBackward',
      aspect: 'edge shapes',
      cases: (f) => EDGES.slice(2).map((shape) => rmsNormBackward(f, shape)),
    },
  ];
}
