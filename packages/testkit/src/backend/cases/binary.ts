import type { BinaryKind, CompareKind, Shape } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import { broadcastShape } from './broadcast-shape.js';
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
  spec,
  type Tolerance,
  ULPS,
  uniform,
} from './case.js';

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

/** The operations of two operands: arithmetic and comparisons. */
export function binaryCases(): CaseGroup[] {
  return (Object.keys(TOLERANCES) as (BinaryKind | CompareKind)[]).flatMap(binary);
}
