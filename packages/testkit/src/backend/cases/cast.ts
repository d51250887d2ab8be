import type { Shape } from '@heddle/core';
import { type CaseGroup, EXACT, given, integers, make, normal, replaced, spec } from './case.js';

export function castCases(): CaseGroup[] {
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
