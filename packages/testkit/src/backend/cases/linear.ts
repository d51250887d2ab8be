import type { LinearActivation, Op } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type Float,
  make,
  normal,
  replaced,
  roundedProduct,
  spec,
  summed,
} from './case.js';

type Size = readonly [m: number, k: number, n: number];

const SIZES: readonly Size[] = [
  [1, 1, 1],
  [5, 7, 3],
  [17, 33, 9],
  [1, 70, 40],
  [65, 64, 63],
  [101, 67, 129],
];
const EMPTY: readonly Size[] = [
  [0, 3, 4],
  [3, 4, 0],
  [3, 0, 4], // the bias alone
];
const BOTH: readonly boolean[] = [false, true];
const ACTIVATIONS: readonly LinearActivation[] = ['gelu', 'geluTanh', 'swiglu'];

/** x, w as it is stored, and the shapes beside them. */
function layer(f: Float, [m, k, n]: Size, transposeWeight: boolean) {
  return {
    x: normal('x', [m, k], f),
    w: normal('w', transposeWeight ? [n, k] : [k, n], f),
    bias: normal('bias', [n], f),
    dy: normal('dy', [m, n], f),
    product: (name: string): Value => normal(name, [m, n], f),
    input: (name: string): Value => normal(name, [m, k], f),
  };
}

function linear(
  f: Float,
  size: Size,
  transposeWeight: boolean,
  { bias = true, residual = false } = {},
): Case {
  const [m, k, n] = size;
  const given = layer(f, size, transposeWeight);
  const inputs = [
    given.x,
    given.w,
    ...(bias ? [given.bias] : []),
    ...(residual ? [given.product('residual')] : []),
  ];
  return make({ kind: 'linear', transposeWeight, bias, residual }, inputs, [spec([m, n], f)], {
    tolerance: summed(k + 1),
  });
}

function linearActivation(
  f: Float,
  size: Size,
  transposeWeight: boolean,
  activation: LinearActivation,
  bias: boolean,
): Case {
  const [m, k, n] = size;
  const given = layer(f, size, transposeWeight);
  const inputs = [
    given.x,
    given.w,
    ...(bias ? [given.bias] : []),
    ...(activation === 'swiglu' ? [given.product('gate')] : []),
  ];
  const outputs = [spec([m, n], f), spec([m, n], f)];
  const op: Op = { kind: 'linearActivation', transposeWeight, bias, activation };
  return make(op, inputs, outputs, { tolerance: summed(k + 1, 4) });
}

function activationLinearBackward(
  f: Float,
  size: Size,
  transposeWeight: boolean,
  activation: LinearActivation,
): Case {
  const [m, k, n] = size;
  const given = layer(f, size, transposeWeight);
  const gated = activation === 'swiglu';
  const inputs = [given.dy, given.w, ...(gated ? [given.input('gate')] : []), given.input('z')];
  const outputs = gated ? [spec([m, k], f), spec([m, k], f)] : [spec([m, k], f)];
  const op: Op = { kind: 'activationLinearBackward', transposeWeight, activation };
  return make(op, inputs, outputs, { tolerance: summed(n, 4) });
}

function linearBackwardWeight(
  f: Float,
  size: Size,
  transposeWeight: boolean,
  { bias = true, accumulate = false, inPlace = false } = {},
): Case {
  const [m, , n] = size;
  const given = layer(f, size, transposeWeight);
  const weight = spec(given.w.shape, f);
  const before = [
    normal('dw before', weight.shape, f),
    ...(bias ? [normal('db before', [n], f)] : []),
  ];
  return make(
    { kind: 'linearBackwardWeight', transposeWeight, bias, ...(accumulate && { accumulate }) },
    [given.x, given.dy, ...(accumulate ? before : [])],
    [weight, ...(bias ? [spec([n], f)] : [])],
    {
      tolerance: summed(m + 1),
      ...(inPlace && { inPlace: bias ? [2, 3] : [2], name: 'in place' }),
    },
  );
}

/** The same where factors may be rounded to bf16. */
function inBf16(plain: Case, terms: number, magnitude = 1): Case {
  const { inputs, outputs } = plain;
  return make({ ...plain.op, precision: 'bf16' } as Op, inputs, outputs, {
    tolerance: roundedProduct(terms, magnitude),
  });
}

/** The same with a weight that is kept in bf16. */
function bf16Weight(plain: Case): Case {
  const [x, w, ...others] = plain.inputs;
  const stored = normal('w', w.shape, 'bf16');
  return make(plain.op, [x, stored, ...others], plain.outputs, { tolerance: plain.tolerance });
}

/** Groups of an operation with one variant a flag. */
function groups(kind: Op['kind'], one: (f: Float, size: Size) => Case[]): CaseGroup[] {
  return [
    { kind, aspect: 'values', cases: (f) => SIZES.flatMap((size) => one(f, size)) },
    { kind, aspect: 'edge shapes', cases: (f) => EMPTY.flatMap((size) => one(f, size)) },
    {
      kind,
      aspect: 'products in bf16',
      cases: (f) =>
        SIZES.flatMap((size) => one(f, size).map((plain) => inBf16(plain, Math.max(...size), 2))),
    },
  ];
}

export function linearCases(): CaseGroup[] {
  return [
    ...groups('linear', (f, size) =>
      BOTH.flatMap((transpose) => [
        linear(f, size, transpose),
        linear(f, size, transpose, { bias: false, residual: true }),
        linear(f, size, transpose, { residual: true }),
      ]),
    ),
    {
      kind: 'linear',
      aspect: 'weight in bf16',
      cases: () =>
        [...SIZES, ...EMPTY].flatMap((size) =>
          BOTH.map((transpose) => bf16Weight(linear('f32', size, transpose))),
        ),
    },
    {
      kind: 'linearActivation',
      aspect: 'weight in bf16',
      cases: () =>
        SIZES.flatMap((size) =>
          BOTH.map((transpose) =>
            bf16Weight(linearActivation('f32', size, transpose, 'gelu', true)),
          ),
        ),
    },
    {
      kind: 'linear',
      aspect: 'NaN and infinities',
      cases: (f) => {
        const plain = linear(f, [9, 5, 7], false);
        const [x, w, bias] = plain.inputs;
        const inputs = [replaced(x, { 12: Number.NaN }), w, replaced(bias, { 6: Infinity })];
        return [{ ...plain, inputs }];
      },
    },
    ...groups('linearActivation', (f, size) =>
      BOTH.flatMap((transpose) =>
        ACTIVATIONS.map((activation) =>
          linearActivation(f, size, transpose, activation, transpose),
        ),
      ),
    ),
    ...groups('activationLinearBackward', (f, size) =>
      BOTH.flatMap((transpose) =>
        ACTIVATIONS.map((activation) => activationLinearBackward(f, size, transpose, activation)),
      ),
    ),
    ...groups('linearBackwardWeight', (f, size) =>
      BOTH.flatMap((transpose) => [
        linearBackwardWeight(f, size, transpose),
        linearBackwardWeight(f, size, transpose, { bias: false }),
      ]),
    ),
    {
      kind: 'linearBackwardWeight',
      aspect: 'accumulate',
      cases: (f) =>
        SIZES.flatMap((size) =>
          BOTH.flatMap((transpose) => [
            linearBackwardWeight(f, size, transpose, { accumulate: true }),
            linearBackwardWeight(f, size, transpose, { accumulate: true, inPlace: true }),
            linearBackwardWeight(f, size, transpose, {
              accumulate: true,
              inPlace: true,
              bias: false,
            }),
          ]),
        ),
    },
  ];
}
