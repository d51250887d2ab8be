import {
  type Case,
  type CaseGroup,
  type Float,
  make,
  normal,
  replaced,
  spec,
  summed,
} from './case.js';

const SIZES: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1, 1],
  [5, 7, 3],
  [17, 33, 9],
  [65, 64, 63],
  [193, 131, 257],
];

function one(
  f: Float,
  [m, k, n]: readonly [number, number, number],
  transposeWeight: boolean,
): Case {
  const w = normal('w', transposeWeight ? [n, k] : [k, n], f);
  const inputs = [normal('x', [m, k], f), w, normal('bias', [n], f)];
  return make({ kind: 'linear', transposeWeight }, inputs, [spec([m, n], f)], {
    tolerance: summed(k + 1),
  });
}

export function linearCases(): CaseGroup[] {
  const kind = 'linear';
  const both = [false, true];
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => SIZES.flatMap((size) => both.map((transpose) => one(f, size, transpose))),
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) =>
        both.flatMap((transpose) => [
          one(f, [0, 3, 4], transpose),
          one(f, [3, 4, 0], transpose),
          one(f, [3, 0, 4], transpose), // the bias alone
        ]),
    },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => {
        const plain = one(f, [9, 5, 7], false);
        const [x, w, bias] = plain.inputs;
        const inputs = [replaced(x, { 12: Number.NaN }), w, replaced(bias, { 6: Infinity })];
        return [{ ...plain, inputs }];
      },
    },
  ];
}
