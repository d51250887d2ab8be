import type { PrimitiveOp, Shape } from '@heddle/core';
import { sizeOf } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  EXACT,
  type Float,
  given,
  integers,
  make,
  normal,
  replaced,
  spec,
  summed,
} from './case.js';

type Any = Float | 'i32';

const exact: CaseOptions = { tolerance: EXACT };

const numbers = (name: string, shape: Shape, dtype: Any): Value =>
  dtype === 'i32' ? integers(name, shape, -99, 99) : normal(name, shape, dtype);

/** NaN and both infinities among the first elements. */
function wild(x: Value): Value {
  const odd = [Number.NaN, Infinity, -Infinity].slice(0, sizeOf(x.shape));
  return replaced(x, Object.fromEntries(odd.map((value, i) => [(2 * i) % sizeOf(x.shape), value])));
}

/** The groups of an operation that only moves elements, from lists made for a dtype. */
function moving(
  kind: PrimitiveOp['kind'],
  values: (dtype: Any) => Case[],
  edges: (dtype: Any) => Case[],
): CaseGroup[] {
  return [
    { kind, aspect: 'values', cases: values },
    { kind, aspect: 'edge shapes', cases: edges },
    { kind, aspect: 'i32', cases: () => [...values('i32'), ...edges('i32')] },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) =>
        values(f).map((one) => ({
          ...one,
          inputs: one.inputs.map((x) => (x.dtype === f ? wild(x) : x)),
        })),
    },
  ];
}

function permute(): CaseGroup[] {
  const one = (dtype: Any, shape: Shape, axes: readonly number[]): Case =>
    make(
      { kind: 'permute', axes },
      [numbers('x', shape, dtype)],
      [
        spec(
          axes.map((axis) => shape[axis]),
          dtype,
        ),
      ],
      exact,
    );
  return moving(
    'permute',
    (dtype) => [
      one(dtype, [7], [0]),
      one(dtype, [5, 7], [1, 0]),
      one(dtype, [5, 7], [0, 1]),
      one(dtype, [2, 3, 5], [2, 0, 1]),
      one(dtype, [2, 3, 5], [1, 2, 0]),
      one(dtype, [2, 33, 4, 17], [0, 2, 1, 3]),
      one(dtype, [2, 3, 4, 5], [3, 2, 1, 0]),
      one(dtype, [2, 3, 4, 5, 3], [4, 0, 3, 1, 2]),
      one(dtype, [131, 257], [1, 0]),
    ],
    (dtype) => [
      one(dtype, [], []),
      one(dtype, [1, 1], [1, 0]),
      one(dtype, [0, 3], [1, 0]),
      one(dtype, [1, 6, 1], [2, 0, 1]),
    ],
  );
}

function slice(): CaseGroup[] {
  const one = (dtype: Any, shape: Shape, start: readonly number[], size: Shape): Case =>
    make({ kind: 'slice', start }, [numbers('x', shape, dtype)], [spec(size, dtype)], exact);
  return moving(
    'slice',
    (dtype) => [
      one(dtype, [10], [3], [4]),
      one(dtype, [10], [0], [10]),
      one(dtype, [10], [9], [1]),
      one(dtype, [5, 7], [1, 2], [3, 4]),
      one(dtype, [5, 7], [4, 6], [1, 1]),
      one(dtype, [4, 5, 6], [1, 0, 2], [2, 5, 3]),
      one(dtype, [2, 3, 4, 5], [1, 1, 1, 1], [1, 2, 3, 4]),
      one(dtype, [131, 257], [17, 33], [100, 201]),
    ],
    (dtype) => [
      one(dtype, [], [], []),
      one(dtype, [5], [2], [0]),
      one(dtype, [5], [5], [0]),
      one(dtype, [0, 4], [0, 1], [0, 2]),
      one(dtype, [1], [0], [1]),
    ],
  );
}

function pad(): CaseGroup[] {
  const one = (dtype: Any, shape: Shape, before: readonly number[], size: Shape, value = 0): Case =>
    make({ kind: 'pad', before, value }, [numbers('x', shape, dtype)], [spec(size, dtype)], exact);
  const groups = moving(
    'pad',
    (dtype) => [
      one(dtype, [4], [2], [9]),
      one(dtype, [4], [0], [9], 7),
      one(dtype, [4], [5], [9], -3),
      one(dtype, [3, 4], [1, 2], [5, 7], 2),
      one(dtype, [3, 4], [0, 0], [3, 4]),
      one(dtype, [2, 3, 4], [0, 1, 1], [3, 4, 9], 1),
      one(dtype, [2, 1, 3, 2], [1, 0, 1, 0], [3, 2, 4, 3], -1),
      one(dtype, [100, 201], [17, 33], [131, 257], 5),
    ],
    (dtype) => [
      one(dtype, [], [], [], 3),
      one(dtype, [0], [2], [5], 4),
      one(dtype, [0, 3], [1, 0], [2, 3], 6),
      one(dtype, [0], [0], [0]),
      one(dtype, [1], [1], [3]),
    ],
  );
  return [
    ...groups,
    {
      kind: 'pad',
      aspect: 'infinite value',
      cases: (f) => [one(f, [3, 4], [1, 0], [5, 6], -Infinity), one(f, [3], [1], [5], Infinity)],
    },
  ];
}

function concat(): CaseGroup[] {
  const one = (dtype: Any, axis: number, ...shapes: Shape[]): Case => {
    const total = shapes.reduce((sum, shape) => sum + shape[axis], 0);
    return make(
      { kind: 'concat', axis },
      shapes.map((shape, i) => numbers(`x${i}`, shape, dtype)),
      [
        spec(
          shapes[0].map((n, a) => (a === axis ? total : n)),
          dtype,
        ),
      ],
      exact,
    );
  };
  return moving(
    'concat',
    (dtype) => [
      one(dtype, 0, [5]),
      one(dtype, 0, [5], [3]),
      one(dtype, 0, [2, 3], [4, 3], [1, 3]),
      one(dtype, 1, [2, 3], [2, 1], [2, 5]),
      one(dtype, 1, [2, 3, 4], [2, 2, 4]),
      one(dtype, 2, [2, 3, 4], [2, 3, 1]),
      one(dtype, 0, ...Array.from({ length: 11 }, (_, i) => [i + 1, 2])),
      one(dtype, 1, [131, 100], [131, 157]),
    ],
    (dtype) => [
      one(dtype, 0, [0], [3]),
      one(dtype, 0, [3], [0], [2]),
      one(dtype, 0, [0], [0]),
      one(dtype, 1, [2, 0], [2, 3]),
      one(dtype, 0, [1], [1]),
    ],
  );
}

function broadcast(): CaseGroup[] {
  const one = (dtype: Any, from: Shape, to: Shape): Case =>
    make({ kind: 'broadcast' }, [numbers('x', from, dtype)], [spec(to, dtype)], exact);
  return moving(
    'broadcast',
    (dtype) => [
      one(dtype, [], [3, 5]),
      one(dtype, [5], [3, 5]),
      one(dtype, [3, 1], [3, 5]),
      one(dtype, [1, 5], [3, 5]),
      one(dtype, [2, 1, 4, 1], [2, 3, 4, 5]),
      one(dtype, [3, 1], [2, 3, 4]),
      one(dtype, [33], [33]),
      one(dtype, [257], [131, 257]),
      one(dtype, [131, 1], [131, 257]),
    ],
    (dtype) => [
      one(dtype, [], []),
      one(dtype, [], [1, 1]),
      one(dtype, [1], [0]),
      one(dtype, [0], [3, 0]),
      one(dtype, [3, 1], [3, 0]),
    ],
  );
}

function updateSlice(): CaseGroup[] {
  const one = (
    dtype: Any,
    shape: Shape,
    patch: Shape,
    start: readonly number[],
    options: CaseOptions = {},
  ): Case =>
    make(
      { kind: 'updateSlice', start },
      [numbers('target', shape, dtype), numbers('patch', patch, dtype)],
      [spec(shape, dtype)],
      { ...exact, ...options },
    );
  const values = (dtype: Any, options: CaseOptions = {}): Case[] => [
    one(dtype, [10], [4], [3], options),
    one(dtype, [10], [10], [0], options),
    one(dtype, [5, 7], [2, 3], [3, 4], options),
    one(dtype, [2, 9, 3], [2, 1, 3], [0, 5, 0], options),
    one(dtype, [2, 3, 4, 5], [1, 2, 3, 4], [1, 1, 1, 1], options),
    one(dtype, [131, 257], [100, 201], [17, 33], options),
  ];
  return [
    ...moving(
      'updateSlice',
      (dtype) => values(dtype),
      (dtype) => [
        one(dtype, [], [], []),
        one(dtype, [5], [0], [5]),
        one(dtype, [0], [0], [0]),
        one(dtype, [1], [1], [0]),
      ],
    ),
    {
      kind: 'updateSlice',
      aspect: 'in place',
      cases: (f) => [...values(f, { inPlace: [0] }), one('i32', [9], [2], [4], { inPlace: [0] })],
    },
  ];
}

const INDEXED: readonly (readonly [table: Shape, ids: Shape])[] = [
  [[5], [9]],
  [[5, 3], [4]],
  [
    [5, 3],
    [2, 4],
  ],
  [[6, 2, 3], [5]],
  [[7, 4], []],
  [
    [300, 65],
    [7, 33],
  ],
];
const INDEXED_EDGES: readonly (readonly [table: Shape, ids: Shape])[] = [
  [[1], [1]],
  [[5, 3], [0]],
  [[5, 0], [4]],
  [
    [1, 1],
    [3, 1],
  ],
];

function gather(): CaseGroup[] {
  const one = (dtype: Any, [table, ids]: readonly [Shape, Shape]): Case =>
    make(
      { kind: 'gather' },
      [numbers('table', table, dtype), integers('ids', ids, 0, table[0])],
      [spec([...ids, ...table.slice(1)], dtype)],
      exact,
    );
  return moving(
    'gather',
    (dtype) => INDEXED.map((shapes) => one(dtype, shapes)),
    (dtype) => INDEXED_EDGES.map((shapes) => one(dtype, shapes)),
  );
}

function scatterAdd(): CaseGroup[] {
  const kind = 'scatterAdd';
  const one = (f: Float, [base, ids]: readonly [Shape, Shape], options: CaseOptions = {}): Case =>
    make(
      { kind },
      [
        normal('base', base, f),
        integers('ids', ids, 0, base[0]),
        normal('rows', [...ids, ...base.slice(1)], f),
      ],
      [spec(base, f)],
      { tolerance: summed(20), ...options },
    );
  const many: readonly [Shape, Shape] = [[3, 5], [700]];
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => [
        ...INDEXED.map((shapes) => one(f, shapes)),
        one(f, many, { name: 'many to one', tolerance: summed(700) }),
      ],
    },
    { kind, aspect: 'edge shapes', cases: (f) => INDEXED_EDGES.map((shapes) => one(f, shapes)) },
    {
      kind,
      aspect: 'in place',
      cases: (f) => [
        ...INDEXED.map((shapes) => one(f, shapes, { inPlace: [0] })),
        one(f, many, { inPlace: [0], tolerance: summed(700) }),
      ],
    },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [
        make(
          { kind },
          [
            given([4, 2], f, [0, 1, Number.NaN, 3, 4, 5, 6, 7]),
            given([3], 'i32', [2, 0, 2]),
            given([3, 2], f, [1, Infinity, Number.NaN, 2, 3, 4]),
          ],
          [spec([4, 2], f)],
        ),
      ],
    },
  ];
}

export function layoutCases(): CaseGroup[] {
  return [
    ...permute(),
    ...slice(),
    ...pad(),
    ...concat(),
    ...broadcast(),
    ...updateSlice(),
    ...gather(),
    ...scatterAdd(),
  ];
}
