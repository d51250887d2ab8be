import type { Shape } from '@heddle/core';
import { broadcastShape } from './broadcast-shape.js';
import {
  type Case,
  type CaseGroup,
  EXACT,
  type Float,
  given,
  integers,
  make,
  normal,
  spec,
} from './case.js';

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

export function selectCases(): CaseGroup[] {
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
