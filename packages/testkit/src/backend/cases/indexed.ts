import type { Shape } from '@heddle/core';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  type Float,
  given,
  integers,
  make,
  normal,
  spec,
  summed,
} from './case.js';
import { type Any, exact, moving, numbers } from './moving.js';

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

export function indexedCases(): CaseGroup[] {
  return [...gather(), ...scatterAdd()];
}
