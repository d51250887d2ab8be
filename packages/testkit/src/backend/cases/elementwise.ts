import type { BinaryKind, CompareKind, Shape, UnaryKind } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  CLOSE,
  EXACT,
  type Float,
  given,
  integers,
  make,
  normal,
  ROUNDED,
  replaced,
  spec,
  type Tolerance,
  ULPS,
  uniform,
} from './case.js';

/** The shape that NumPy broadcasting gives. */
export function broadcastShape(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[axis - rank + s.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}

const SHAPES: readonly Shape[] = [[7], [33], [3, 5], [1027], [129, 257]];
const EDGES: readonly Shape[] = [[], [1], [0], [1, 1, 1], [3, 0, 2]];

const DOMAINS: {
  readonly [K in UnaryKind]: { low: number; high: number; tolerance: Tolerance };
} = {
  neg: { low: -10, high: 10, tolerance: EXACT },
  abs: { low: -10, high: 10, tolerance: EXACT },
  sign: { low: -10, high: 10, tolerance: EXACT },
  exp: { low: -10, high: 10, tolerance: CLOSE },
  log: { low: 1e-3, high: 100, tolerance: CLOSE },
  sqrt: { low: 0, high: 100, tolerance: ULPS },
  rsqrt: { low: 1e-3, high: 100, tolerance: ULPS },
  sin: { low: -10, high: 10, tolerance: CLOSE },
  cos: { low: -10, high: 10, tolerance: CLOSE },
  tanh: { low: -6, high: 6, tolerance: CLOSE },
  erf: { low: -4, high: 4, tolerance: CLOSE },
  floor: { low: -100, high: 100, tolerance: EXACT },
};

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, 1, -1, 100, -100];

function unary(kind: UnaryKind): CaseGroup[] {
  const { low, high, tolerance } = DOMAINS[kind];
  const on = (shape: Shape, f: Float, options: CaseOptions = {}): Case =>
    make({ kind }, [uniform(kind, shape, f, low, high)], [spec(shape, f)], {
      tolerance,
      ...options,
    });
  return [
    { kind, aspect: 'values', cases: (f) => SHAPES.map((shape) => on(shape, f)) },
    { kind, aspect: 'edge shapes', cases: (f) => EDGES.map((shape) => on(shape, f)) },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [make({ kind }, [given([8], f, SPECIAL)], [spec([8], f)], { tolerance })],
    },
    {
      kind,
      aspect: 'in place',
      cases: (f) => [[513], [1]].map((shape) => on(shape, f, { inPlace: [0] })),
    },
  ];
}

const TOLERANCES: { readonly [K in BinaryKind | CompareKind]: Tolerance } = {
  add: ROUNDED,
  sub: ROUNDED,
  mul: ROUNDED,
  div: ULPS,
  maximum: EXACT,
  minimum: EXACT,
  pow: CLOSE,
  equal: EXACT,
  less: EXACT,
};

const SAME: readonly Shape[] = [[7], [33], [3, 5], [1031], [131, 257]];
const PATTERNS: readonly (readonly [Shape, Shape])[] = [
  [[4, 5], [5]],
  [[5], [4, 5]],
  [[4, 5], []],
  [[], [4, 5]],
  [[4, 5], [1]],
  [
    [4, 1],
    [1, 5],
  ],
  [
    [4, 5],
    [4, 1],
  ],
  [
    [1, 5],
    [4, 5],
  ],
  [
    [3, 1, 5],
    [4, 1],
  ],
  [
    [2, 3, 4],
    [2, 1, 4],
  ],
  [
    [2, 1, 3, 1],
    [4, 1, 6],
  ],
  [[131, 257], [257]],
  [
    [131, 257],
    [131, 1],
  ],
  [
    [3, 4, 5],
    [1, 1, 1, 1],
  ],
];
const PAIR_EDGES: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[1], [1]],
  [[1], []],
  [[0], [0]],
  [[0], []],
  [[0], [1]],
  [
    [3, 0],
    [3, 1],
  ],
  [
    [1, 0],
    [4, 1],
  ],
];

/** Operands that suit the operation: pow needs positive bases, equal needs equal ones. */
function operands(kind: BinaryKind | CompareKind, a: Shape, b: Shape, f: Float): [Value, Value] {
  if (kind === 'pow') return [uniform('a', a, f, 0.1, 4), uniform('b', b, f, -3, 3)];
  if (kind === 'equal' || kind === 'less') {
    return [integers('a', a, 0, 3, f), integers('b', b, 0, 3, f)];
  }
  if (kind === 'div') return [normal('a', a, f), uniform('b', b, f, 0.5, 4)];
  return [normal('a', a, f), normal('b', b, f)];
}

/** Where C, JavaScript and shaders agree: (x, NaN) and (NaN, x) stay away from x = 0 and x = 1. */
const POW_SPECIAL: readonly (readonly [number, number])[] = [
  [Number.NaN, 2],
  [2, Number.NaN],
  [2, Infinity],
  [2, -Infinity],
  [0.5, Infinity],
  [Infinity, 2],
  [Infinity, -1],
  [Infinity, 0],
  [0, 0],
  [0, 2],
  [0, -1],
  [-2, 3],
  [-2, 2],
  [-2, -1],
  [-8, 1 / 3],
];

function special(kind: BinaryKind | CompareKind, f: Float, output: Float | 'i32'): Case {
  const tolerance = TOLERANCES[kind];
  if (kind === 'pow') {
    const n = POW_SPECIAL.length;
    const inputs = [0, 1].map((i) =>
      given(
        [n],
        f,
        POW_SPECIAL.map((pair) => pair[i]),
      ),
    );
    return make({ kind }, inputs, [spec([n], output)], { tolerance });
  }
  const numbers = [Number.NaN, Infinity, -Infinity, 0, 1, -2];
  const inputs = [given([6, 1], f, numbers), given([1, 6], f, numbers)];
  return make({ kind }, inputs, [spec([6, 6], output)], { tolerance });
}

function wholeOperands(kind: BinaryKind | CompareKind, a: Shape, b: Shape): [Value, Value] {
  if (kind === 'pow') return [integers('a', a, -5, 6), integers('b', b, 0, 6)];
  if (kind !== 'div') return [integers('a', a, -1000, 1000), integers('b', b, -1000, 1000)];
  // Only divisions without a remainder are the same everywhere.
  const divisor = integers('b', b, 1, 5);
  const dividend = integers('a', a, -100, 100);
  return [{ ...dividend, data: dividend.data.map((x) => x * 12) }, divisor];
}

function binary(kind: BinaryKind | CompareKind): CaseGroup[] {
  const tolerance = TOLERANCES[kind];
  const comparing = kind === 'equal' || kind === 'less';
  const on = (a: Shape, b: Shape, f: Float, options: CaseOptions = {}): Case => {
    const output = spec(broadcastShape(a, b), comparing ? 'i32' : f);
    return make({ kind }, operands(kind, a, b, f), [output], { tolerance, ...options });
  };
  const whole = (a: Shape, b: Shape): Case =>
    make({ kind }, wholeOperands(kind, a, b), [spec(broadcastShape(a, b), 'i32')], {
      tolerance: EXACT,
    });
  const groups: CaseGroup[] = [
    { kind, aspect: 'values', cases: (f) => SAME.map((shape) => on(shape, shape, f)) },
    { kind, aspect: 'broadcasting', cases: (f) => PATTERNS.map(([a, b]) => on(a, b, f)) },
    { kind, aspect: 'edge shapes', cases: (f) => PAIR_EDGES.map(([a, b]) => on(a, b, f)) },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [special(kind, f, comparing ? 'i32' : f)],
    },
    {
      kind,
      aspect: 'i32',
      cases: () => [whole([1031], [1031]), ...PATTERNS.map(([a, b]) => whole(a, b)), whole([], [])],
    },
  ];
  if (comparing) return groups;
  return [
    ...groups,
    {
      kind,
      aspect: 'in place',
      cases: (f) => {
        const [x] = operands(kind, [65], [65], f);
        return [
          on([4, 129], [4, 129], f, { inPlace: [0] }),
          on([4, 129], [4, 129], f, { inPlace: [1] }),
          on([4, 129], [129], f, { inPlace: [0] }),
          on([129], [4, 129], f, { inPlace: [1] }),
          make({ kind }, [x, x], [spec([65], f)], { tolerance, name: 'an operand twice' }),
          make({ kind }, [x, x], [spec([65], f)], {
            tolerance,
            inPlace: [0],
            name: 'an operand twice',
          }),
        ];
      },
    },
  ];
}

const TRIPLES: readonly (readonly [Shape, Shape, Shape])[] = [
  [[1031], [1031], [1031]],
  [[4, 5], [4, 5], []],
  [[4, 1], [5], [4, 5]],
  [[], [4, 5], [5]],
  [[5], [], []],
  [
    [2, 1, 3],
    [4, 1],
    [2, 4, 3],
  ],
  [[131, 257], [257], [131, 1]],
];

function select(): CaseGroup[] {
  const kind = 'select';
  const on = ([c, a, b]: readonly Shape[], f: Float | 'i32'): Case => {
    const inputs =
      f === 'i32'
        ? [integers('a', a, -9, 9), integers('b', b, -9, 9)]
        : [normal('a', a, f), normal('b', b, f)];
    return make(
      { kind },
      [integers('c', c, -1, 2), ...inputs],
      [spec(broadcastShape(c, a, b), f)],
      {
        tolerance: EXACT,
      },
    );
  };
  return [
    { kind, aspect: 'values', cases: (f) => TRIPLES.slice(0, 1).map((shapes) => on(shapes, f)) },
    { kind, aspect: 'broadcasting', cases: (f) => TRIPLES.slice(1).map((shapes) => on(shapes, f)) },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) => [on([[], [], []], f), on([[0], [0], []], f), on([[1], [1], [1]], f)],
    },
    { kind, aspect: 'i32', cases: () => TRIPLES.map((shapes) => on(shapes, 'i32')) },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [
        make(
          { kind },
          [
            given([6], 'i32', [1, 0, 1, 0, 7, -1]),
            given([6], f, [1, Number.NaN, Infinity, -Infinity, Number.NaN, 2]),
            given([6], f, [Number.NaN, 2, Number.NaN, 3, 5, -Infinity]),
          ],
          [spec([6], f)],
          { tolerance: EXACT, name: 'what is not chosen does not matter' },
        ),
      ],
    },
  ];
}

function cast(): CaseGroup[] {
  const kind = 'cast';
  const shapes: readonly Shape[] = [[1027], [3, 5], []];
  return [
    {
      kind,
      aspect: 'f32 to i32',
      cases: () => [
        ...shapes.map((s) =>
          make({ kind }, [normal('x', s, 'f32', 1000)], [spec(s, 'i32')], {
            tolerance: EXACT,
          }),
        ),
        make(
          { kind },
          [given([8], 'f32', [2.7, -2.7, 0.999, -0.999, -0, 1e6, -1e6, 0.5])],
          [spec([8], 'i32')],
          { tolerance: EXACT, name: 'toward zero' },
        ),
      ],
    },
    {
      kind,
      aspect: 'i32 to f32',
      cases: () =>
        [...shapes, [0]].map((s) =>
          make({ kind }, [integers('x', s, -(2 ** 24), 2 ** 24)], [spec(s)], { tolerance: EXACT }),
        ),
    },
    {
      kind,
      aspect: 'same dtype',
      cases: () =>
        shapes.map((s) => make({ kind }, [normal('x', s)], [spec(s)], { tolerance: EXACT })),
    },
    {
      kind,
      aspect: 'f32 to bf16',
      cases: () => [
        ...shapes.map((s) =>
          make({ kind }, [normal('x', s)], [spec(s, 'bf16')], {
            tolerance: EXACT,
          }),
        ),
        make(
          { kind },
          [
            replaced(given([4], 'f32', [1 + 2 ** -8, 1 + 3 * 2 ** -8, 0, 0]), {
              2: Infinity,
              3: Number.NaN,
            }),
          ],
          [spec([4], 'bf16')],
          { tolerance: EXACT, name: 'ties to even' },
        ),
      ],
    },
    {
      kind,
      aspect: 'bf16 to f32',
      cases: () =>
        shapes.map((s) =>
          make({ kind }, [normal('x', s, 'bf16')], [spec(s)], { tolerance: EXACT }),
        ),
    },
  ];
}

const UNARY = Object.keys(DOMAINS) as UnaryKind[];
const BINARY = Object.keys(TOLERANCES) as (BinaryKind | CompareKind)[];

export function elementwiseCases(): CaseGroup[] {
  return [...UNARY.flatMap(unary), ...BINARY.flatMap(binary), ...select(), ...cast()];
}
