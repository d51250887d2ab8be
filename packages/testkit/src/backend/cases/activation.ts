import type { RngKey, Shape } from '@heddle/core';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  EXACT,
  type Float,
  given,
  make,
  normal,
  replaced,
  resultsOf,
  spec,
  summed,
  ULPS,
} from './case.js';

const SHAPES: readonly Shape[] = [[7], [3, 5], [1031], [131, 257]];
const EDGES: readonly Shape[] = [[], [1], [0], [2, 0, 3]];

/** Groups `values` and `edge shapes` of an elementwise fused operation. */
function overShapes(kind: CaseGroup['kind'], one: (f: Float, shape: Shape) => Case[]): CaseGroup[] {
  return [
    { kind, aspect: 'values', cases: (f) => SHAPES.flatMap((shape) => one(f, shape)) },
    { kind, aspect: 'edge shapes', cases: (f) => EDGES.flatMap((shape) => one(f, shape)) },
  ];
}

function gelu(): CaseGroup[] {
  const approximations = ['none', 'tanh'] as const;
  const far = [-20, -9, -5, 5, 9, 20, 0, Number.NaN];
  return [
    ...overShapes('gelu', (f, shape) =>
      approximations.map((approximate) =>
        make({ kind: 'gelu', approximate }, [normal('x', shape, f, 2)], [spec(shape, f)]),
      ),
    ),
    {
      kind: 'gelu',
      aspect: 'far values and NaN',
      cases: (f) =>
        approximations.map((approximate) =>
          make({ kind: 'gelu', approximate }, [given([8], f, far)], [spec([8], f)]),
        ),
    },
    ...overShapes('geluBackward', (f, shape) =>
      approximations.map((approximate) =>
        make(
          { kind: 'geluBackward', approximate },
          [normal('x', shape, f, 2), normal('dy', shape, f)],
          [spec(shape, f)],
        ),
      ),
    ),
    {
      kind: 'geluBackward',
      aspect: 'far values and NaN',
      cases: (f) =>
        approximations.map((approximate) =>
          make(
            { kind: 'geluBackward', approximate },
            [given([8], f, far), normal('dy', [8], f)],
            [spec([8], f)],
          ),
        ),
    },
  ];
}

function swiglu(): CaseGroup[] {
  const far = [-200, -90, 90, 200, 0, Number.NaN];
  const backward = (f: Float, inputs: Case['inputs'], shape: Shape): Case =>
    make({ kind: 'swigluBackward' }, inputs, [spec(shape, f), spec(shape, f)]);
  return [
    ...overShapes('swiglu', (f, shape) => [
      make(
        { kind: 'swiglu' },
        [normal('gate', shape, f, 2), normal('up', shape, f)],
        [spec(shape, f)],
      ),
    ]),
    {
      kind: 'swiglu',
      aspect: 'far values and NaN',
      cases: (f) => [
        make({ kind: 'swiglu' }, [given([6], f, far), normal('up', [6], f)], [spec([6], f)]),
      ],
    },
    ...overShapes('swigluBackward', (f, shape) => [
      backward(
        f,
        [normal('gate', shape, f, 2), normal('up', shape, f), normal('dy', shape, f)],
        shape,
      ),
    ]),
    {
      kind: 'swigluBackward',
      aspect: 'far values and NaN',
      cases: (f) => [
        backward(f, [given([6], f, far), normal('up', [6], f), normal('dy', [6], f)], [6]),
      ],
    },
  ];
}

const ROWS: readonly Shape[] = [[7], [3, 5], [2, 3, 33], [5, 1], [67, 257], [2, 5000]];
const ROW_EDGES: readonly Shape[] = [[1], [0, 5], [3, 0], [1, 1]];

function softmax(): CaseGroup[] {
  const one = (f: Float, shape: Shape): Case =>
    make({ kind: 'softmax' }, [normal('x', shape, f, 3)], [spec(shape, f)]);
  const backward = (f: Float, shape: Shape): Case => {
    const [y] = resultsOf(one(f, shape));
    return make({ kind: 'softmaxBackward' }, [y, normal('dy', shape, f)], [spec(shape, f)]);
  };
  const inf = Infinity;
  const rows = [
    [-inf, -inf, -inf, -inf],
    [-inf, 1, -inf, 2],
    [1000, 1001, 999, -1000],
    [-1000, -1001, -999, -1002],
    [1, Number.NaN, 2, 3],
    [1, 2, 3, 4],
  ];
  return [
    { kind: 'softmax', aspect: 'values', cases: (f) => ROWS.map((shape) => one(f, shape)) },
    {
      kind: 'softmax',
      aspect: 'edge shapes',
      cases: (f) => ROW_EDGES.map((shape) => one(f, shape)),
    },
    {
      kind: 'softmax',
      aspect: 'NaN, infinities and large values',
      cases: (f) => [make({ kind: 'softmax' }, [given([6, 4], f, rows.flat())], [spec([6, 4], f)])],
    },
    {
      kind: 'softmaxBackward',
      aspect: 'values',
      cases: (f) => ROWS.map((shape) => backward(f, shape)),
    },
    {
      kind: 'softmaxBackward',
      aspect: 'edge shapes',
      cases: (f) => ROW_EDGES.map((shape) => backward(f, shape)),
    },
  ];
}

function dropout(): CaseGroup[] {
  const kind = 'dropout';
  const one = (f: Float, rate: number, shape: Shape, options: CaseOptions): Case => {
    const key: RngKey = [2 ** 31 + 5, Math.round(rate * 100)];
    return make({ kind, rate, key }, [normal('x', shape, f)], [spec(shape, f)], options);
  };
  const rates = [0, 0.1, 0.3, 0.5, 0.75, 0.9];
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) =>
        rates.flatMap((rate) => SHAPES.map((shape) => one(f, rate, shape, { tolerance: ULPS }))),
    },
    {
      kind,
      aspect: 'bit for bit',
      cases: () =>
        rates.map((rate) =>
          one('f32', rate, [1031], {
            tolerance: EXACT,
            name: 'the quotient x / (1 - rate) in f32',
          }),
        ),
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) => EDGES.map((shape) => one(f, 0.5, shape, { tolerance: EXACT })),
    },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => {
        const wild = one(f, 0.5, [64], { tolerance: EXACT, name: 'what is dropped is 0' });
        const odd = Object.fromEntries(
          Array.from({ length: 32 }, (_, i) => [2 * i, [Number.NaN, Infinity, -Infinity][i % 3]]),
        );
        return [{ ...wild, inputs: [replaced(wild.inputs[0], odd)] }];
      },
    },
  ];
}

function sumOfSquares(): CaseGroup[] {
  const kind = 'sumOfSquares';
  const one = (f: Float, ...shapes: Shape[]): Case =>
    make(
      { kind },
      shapes.map((shape, i) => normal(`x${i}`, shape, f)),
      [spec([])],
      { tolerance: summed(1, 10) },
    );
  const many = Array.from({ length: 23 }, (_, i) => [i + 1, 3]);
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => [
        one(f, [7]),
        one(f, [3, 5], [4], []),
        one(f, [131, 257]),
        one(f, [100003]),
        one(f, ...many),
      ],
    },
    { kind, aspect: 'edge shapes', cases: (f) => [one(f, [0]), one(f, [0], [3]), one(f, [])] },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) =>
        [Number.NaN, Infinity, -Infinity].map((value) => {
          const plain = one(f, [1031], [3]);
          return { ...plain, inputs: [replaced(plain.inputs[0], { 700: value }), plain.inputs[1]] };
        }),
    },
  ];
}

export function activationCases(): CaseGroup[] {
  return [...gelu(), ...swiglu(), ...softmax(), ...dropout(), ...sumOfSquares()];
}
