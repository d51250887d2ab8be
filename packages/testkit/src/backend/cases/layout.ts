import type { Shape } from '@heddle/core';
import { type Case, type CaseGroup, type CaseOptions, make, spec } from './case.js';
import { type Any, exact, moving, numbers } from './moving.js';

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

export function layoutCases(): CaseGroup[] {
  return [...permute(), ...slice(), ...pad(), ...concat(), ...broadcast(), ...updateSlice()];
}
