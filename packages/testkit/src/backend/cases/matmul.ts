import type { Op } from '@heddle/core';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  type Float,
  make,
  normal,
  replaced,
  roundedProduct,
  spec,
  summed,
} from './case.js';

const SIZES: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1, 1],
  [2, 3, 4],
  [5, 7, 3],
  [16, 16, 16],
  [17, 33, 9],
  [65, 64, 63],
  [1, 128, 1],
  [1, 70, 300],
  [300, 70, 1],
  [193, 131, 257],
  [4, 2000, 5],
];

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

function one(
  f: Float,
  batch: readonly number[],
  [m, k, n]: readonly [number, number, number],
  { transposeA, transposeB }: (typeof TRANSPOSES)[number],
  options: CaseOptions = {},
): Case {
  const a = normal('a', [...batch, ...(transposeA ? [k, m] : [m, k])], f);
  const b = normal('b', [...batch, ...(transposeB ? [n, k] : [k, n])], f);
  return make({ kind: 'matmul', transposeA, transposeB }, [a, b], [spec([...batch, m, n], f)], {
    tolerance: summed(k),
    ...options,
  });
}

/** NaN in one row of a, and 0 times Infinity in one cell. */
function special(f: Float): Case {
  const plain = one(f, [], [9, 5, 7], TRANSPOSES[0]);
  const [a, b] = plain.inputs;
  const withNaN = replaced(a, { 12: Number.NaN, 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 });
  return { ...plain, inputs: [withNaN, replaced(b, { 3: Infinity })] };
}

export function matmulCases(): CaseGroup[] {
  const kind = 'matmul';
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => SIZES.flatMap((size) => TRANSPOSES.map((t) => one(f, [], size, t))),
    },
    {
      kind,
      aspect: 'batched',
      cases: (f) =>
        TRANSPOSES.flatMap((t) => [
          one(f, [3], [5, 7, 6], t),
          one(f, [1], [17, 33, 9], t),
          one(f, [4], [33, 20, 35], t),
        ]),
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) =>
        TRANSPOSES.flatMap((t) => [
          one(f, [], [0, 3, 4], t),
          one(f, [], [3, 4, 0], t),
          one(f, [], [3, 0, 4], t, { name: 'K = 0 gives zeros' }),
          one(f, [2], [3, 0, 4], t, { name: 'K = 0 gives zeros' }),
          one(f, [0], [3, 2, 4], t),
        ]),
    },
    { kind, aspect: 'NaN and infinities', cases: (f) => [special(f)] },
    {
      kind,
      aspect: 'products in bf16',
      cases: (f) =>
        TRANSPOSES.flatMap((t) =>
          [...SIZES.map((size) => one(f, [], size, t)), one(f, [4], [33, 20, 35], t)].map((plain) =>
            make({ ...plain.op, precision: 'bf16' } as Op, plain.inputs, plain.outputs, {
              tolerance: roundedProduct(Math.max(...plain.inputs[0].shape)),
            }),
          ),
        ),
    },
    {
      kind,
      aspect: 'bf16 keeps NaN and infinities',
      cases: (f) => [
        {
          ...special(f),
          op: { ...special(f).op, precision: 'bf16' } as Op,
          tolerance: roundedProduct(5),
        },
      ],
    },
  ];
}
