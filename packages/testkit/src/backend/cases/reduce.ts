import type { Shape } from '@heddle/core';
import {
  type Case,
  type CaseGroup,
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

type Kind = 'reduceSum' | 'reduceMax';

const PATTERNS: readonly (readonly [Shape, readonly number[]])[] = [
  [[7], [0]],
  [[4, 5], [0]],
  [[4, 5], [1]],
  [
    [4, 5],
    [0, 1],
  ],
  [[4, 5], []],
  [[3, 4, 5], [0]],
  [[3, 4, 5], [1]],
  [[3, 4, 5], [2]],
  [
    [3, 4, 5],
    [0, 1],
  ],
  [
    [3, 4, 5],
    [0, 2],
  ],
  [
    [3, 4, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 4, 5],
    [0, 2],
  ],
  [[3, 5001], [1]],
  [[5001, 3], [0]],
  [[100003], [0]],
];
const EDGES: readonly (readonly [Shape, readonly number[]])[] = [
  [[], []],
  [[1], [0]],
  [
    [1, 1],
    [0, 1],
  ],
  [[0], [0]],
  [[0, 3], [0]],
  [[3, 0], [0]],
  [[3, 0], [1]],
  [
    [2, 0, 3],
    [0, 1],
  ],
];

const keep = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((n, axis) => (axes.includes(axis) ? 1 : n));

function one(kind: Kind, f: Float | 'i32', shape: Shape, axes: readonly number[]): Case {
  const x = f === 'i32' ? integers('x', shape, -99, 99) : normal('x', shape, f);
  const terms = axes.reduce((product, axis) => product * shape[axis], 1);
  const exact = kind === 'reduceMax' || f === 'i32' || axes.length === 0;
  return make({ kind, axes }, [x], [spec(keep(shape, axes), f)], {
    tolerance: exact ? EXACT : summed(terms),
  });
}

/** NaN first, in the middle and last; infinities of one and of both signs. */
function special(kind: Kind, f: Float): Case[] {
  const rows = [
    [Number.NaN, 1, 2, 3, 4],
    [1, 2, Number.NaN, 3, 4],
    [1, 2, 3, 4, Number.NaN],
    [Infinity, 1, 2, 3, 4],
    [-Infinity, 1, 2, 3, 4],
    [Infinity, -Infinity, 0, 1, 2],
    [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
    [-5, -4, -3, -2, -1],
  ];
  const long = normal('long', [3, 1000], f);
  return [
    make({ kind, axes: [1] }, [given([8, 5], f, rows.flat())], [spec([8, 1], f)]),
    make({ kind, axes: [0] }, [given([8, 5], f, rows.flat())], [spec([1, 5], f)]),
    make(
      { kind, axes: [1] },
      [replaced(long, { 500: Number.NaN, 1999: Number.NaN })],
      [spec([3, 1], f)],
      { tolerance: summed(1000) },
    ),
  ];
}

function reduce(kind: Kind): CaseGroup[] {
  const all = (patterns: typeof PATTERNS, f: Float | 'i32'): Case[] =>
    patterns.map(([shape, axes]) => one(kind, f, shape, axes));
  return [
    { kind, aspect: 'values', cases: (f) => all(PATTERNS, f) },
    { kind, aspect: 'edge shapes', cases: (f) => all(EDGES, f) },
    { kind, aspect: 'NaN and infinities', cases: (f) => special(kind, f) },
    { kind, aspect: 'i32', cases: () => all(PATTERNS, 'i32') },
  ];
}

function argMax(): CaseGroup[] {
  const kind = 'argMax';
  const one = (f: Float, shape: Shape): Case =>
    make({ kind }, [normal('x', shape, f)], [spec(shape.slice(0, -1), 'i32')], {
      tolerance: EXACT,
    });
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => [[5, 7], [1000], [2, 3, 17], [67, 1031]].map((shape) => one(f, shape)),
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) => [[1], [3, 1], [0, 5], [2, 0, 5]].map((shape) => one(f, shape)),
    },
    {
      kind,
      aspect: 'first of equals',
      cases: (f) => [
        make(
          { kind },
          [given([4, 3], f, [1, 3, 3, 2, 2, 2, -5, -6, -5, -Infinity, -Infinity, -Infinity])],
          [spec([4], 'i32')],
          { tolerance: EXACT },
        ),
        make({ kind }, [integers('x', [9, 700], 0, 5, f)], [spec([9], 'i32')], {
          tolerance: EXACT,
        }),
      ],
    },
  ];
}

export function reduceCases(): CaseGroup[] {
  return [...reduce('reduceSum'), ...reduce('reduceMax'), ...argMax()];
}
