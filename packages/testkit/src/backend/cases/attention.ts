import type { AttentionOptions, Op } from '@heddle/core';
import { flatten, generate, rounded, type Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type Float,
  integers,
  make,
  normal,
  replaced,
  resultsOf,
  roundedProduct,
  spec,
  summed,
} from './case.js';

interface Setup {
  readonly B?: number;
  readonly T: number;
  readonly S?: number;
  readonly H?: number;
  readonly G?: number;
  readonly D?: number;
  readonly segments?: boolean;
  readonly options?: Partial<AttentionOptions>;
  readonly name?: string;
}

const OUTPUT = { tolerance: { relative: 2e-5, absolute: 1e-5 } };

function operands(f: Float, setup: Setup): { inputs: Value[]; segments: Value[] } {
  const { B = 2, T, S = T, H = 2, G = H, D = 8 } = setup;
  const inputs = [
    normal('q', [B, T, H, D], f),
    normal('k', [B, S, G, D], f),
    normal('v', [B, S, G, D], f),
  ];
  // Runs of about five positions; the last queries share the segments of the last keys.
  const segmentOf = (position: number, b: number): number => Math.floor((position + b) / 5);
  const segments = [
    generate(spec([B, T], 'i32'), ([b, t]) => segmentOf(t + S - T, b)),
    generate(spec([B, S], 'i32'), ([b, s]) => segmentOf(s, b)),
  ];
  return { inputs, segments: setup.segments ? segments : [] };
}

function forward(f: Float, setup: Setup): Case {
  const { inputs, segments } = operands(f, setup);
  const [B, T, H, D] = inputs[0].shape;
  const options = { causal: false, scale: 1 / Math.sqrt(D), ...setup.options };
  return make(
    { kind: 'attention', ...options },
    [...inputs, ...segments],
    [spec([B, T, H, D], f), spec([B, H, T])],
    { ...OUTPUT, ...(setup.name && { name: setup.name }) },
  );
}

function backward(f: Float, setup: Setup): Case {
  const plain = forward(f, setup);
  const results = resultsOf(plain);
  const [q, k, v, ...segments] = plain.inputs;
  const op = { ...(plain.op as { kind: 'attention' } & AttentionOptions) };
  return make(
    { ...op, kind: 'attentionBackward' },
    [q, k, v, ...results, normal('dout', q.shape, f), ...segments],
    [spec(q.shape, f), spec(k.shape, f), spec(v.shape, f)],
    { tolerance: summed(q.shape[1] + k.shape[1]), ...(setup.name && { name: setup.name }) },
  );
}

const SETUPS: readonly Setup[] = [
  { T: 1 },
  { T: 7 },
  { T: 7, options: { causal: true } },
  { T: 7, options: { causal: true, scale: 0.7 } },
  { T: 3, S: 9, options: { causal: true }, name: 'the last queries of longer keys' },
  { T: 3, S: 9 },
  { T: 9, S: 3, options: { causal: true }, name: 'the first queries see nothing' },
  { T: 8, H: 6, G: 2, options: { causal: true }, name: 'grouped heads' },
  { T: 8, H: 4, G: 1, D: 5, name: 'one key head' },
  { T: 13, D: 1, H: 3 },
  { B: 1, T: 67, S: 131, H: 2, D: 20, options: { causal: true } },
  { B: 1, T: 131, H: 4, G: 2, D: 33, options: { causal: true } },
  { B: 1, T: 130, S: 67, D: 64 },
];
const WINDOWED: readonly Setup[] = [
  { T: 9, options: { causal: true, window: 1 } },
  { T: 9, options: { causal: true, window: 4 } },
  { T: 9, options: { causal: true, window: 100 } },
  { T: 5, S: 12, options: { causal: true, window: 3 } },
  { B: 1, T: 140, H: 2, G: 1, D: 16, options: { causal: true, window: 33 } },
];
const SEGMENTED: readonly Setup[] = [
  { T: 17, segments: true },
  { T: 17, segments: true, options: { causal: true } },
  { T: 6, S: 17, segments: true, options: { causal: true } },
  { T: 17, H: 4, G: 2, segments: true, options: { causal: true, window: 3 } },
  { B: 1, T: 133, segments: true, options: { causal: true } },
];
const PACKED: readonly Setup[] = [
  { T: 1 },
  { T: 7, options: { causal: true } },
  { T: 8, H: 6, G: 2, options: { causal: true } },
  { T: 17, H: 4, G: 2, segments: true, options: { causal: true, window: 3 } },
  { B: 1, T: 131, H: 4, G: 2, D: 33, options: { causal: true } },
];
const EMPTY: readonly Setup[] = [
  { B: 0, T: 3 },
  { T: 0, S: 3 },
  { T: 3, S: 0, name: 'no keys give zeros' },
];

/** Queries whose segment no key has, and keys whose segment no query has. */
function strangers(f: Float): Case {
  const plain = forward(f, { T: 6, segments: true, options: { causal: true } });
  const inputs = [...plain.inputs];
  inputs[3] = integers('segments', [2, 6], 0, 4);
  inputs[4] = integers('other', [2, 6], 2, 6);
  return { ...plain, inputs };
}

/** Rows of k and v from `keyLength` on are not there, whatever they hold. */
function cached(f: Float, setup: Setup, keyLength: number): Case {
  const plain = forward(f, { ...setup, options: { ...setup.options, keyLength } });
  const [q, k, v, ...segments] = plain.inputs;
  const hide = (x: Value): Value => {
    const [, S, G, D] = x.shape;
    const hidden = generate(x, ([, s], i) => (s >= keyLength ? i : -1)).data.filter((i) => i >= 0);
    const row = keyLength * G * D;
    const values = Object.fromEntries([...hidden].map((i) => [i, i % 2 ? Number.NaN : Infinity]));
    return S * G * D === row ? x : replaced(x, values);
  };
  return { ...plain, inputs: [q, hide(k), hide(v), ...segments] };
}

function rope(): CaseGroup[] {
  const kind = 'rope';
  const one = (f: Float, [B, T, H, D]: readonly number[], inverse: boolean, batch = 1): Case => {
    const angles = normal('angle', [batch, T, D / 2], 'f32', 3);
    const table = (g: (x: number) => number): Value =>
      rounded({ ...angles, data: angles.data.map(g) });
    return make(
      { kind, inverse },
      [normal('x', [B, T, H, D], f), table(Math.cos), table(Math.sin)],
      [spec([B, T, H, D], f)],
    );
  };
  const both = [false, true];
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) =>
        both.flatMap((inverse) => [
          one(f, [1, 1, 1, 2], inverse),
          one(f, [2, 5, 3, 8], inverse),
          one(f, [2, 5, 3, 8], inverse, 2),
          one(f, [1, 67, 2, 66], inverse),
          one(f, [3, 4, 1, 6], inverse, 3),
        ]),
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) => [one(f, [0, 3, 2, 4], false), one(f, [2, 0, 2, 4], false)],
    },
  ];
}

/** The same with q, k and v (and their gradients) in one tensor. */
function packed(plain: Case): Case {
  const [q, k, v, ...others] = plain.inputs;
  const [B, T, H, D] = q.shape;
  const G = k.shape[2];
  const heads = [0, H, H + G];
  const all = generate(spec([B, T, H + 2 * G, D], q.dtype), ([b, t, h, d]) => {
    const part = h < H ? 0 : h < H + G ? 1 : 2;
    const x = [q, k, v][part];
    return x.data[flatten([b, t, h - heads[part], d], x.shape)];
  });
  const outputs =
    plain.op.kind === 'attention' ? plain.outputs : [spec(all.shape, q.dtype as Float)];
  const op = { ...plain.op, packedGroups: G } as Op;
  return make(op, [all, ...others], outputs, { tolerance: plain.tolerance });
}

/** The same where factors may be rounded to bf16. */
function inBf16(plain: Case): Case {
  const op = { ...plain.op, precision: 'bf16' } as Op;
  return make(op, plain.inputs, plain.outputs, { tolerance: roundedProduct(32) });
}

export function attentionCases(): CaseGroup[] {
  const group = (aspect: string, setups: readonly Setup[]): CaseGroup[] => [
    { kind: 'attention', aspect, cases: (f) => setups.map((setup) => forward(f, setup)) },
    { kind: 'attentionBackward', aspect, cases: (f) => setups.map((setup) => backward(f, setup)) },
  ];
  const among = (
    aspect: string,
    setups: readonly Setup[],
    change: (plain: Case) => Case,
  ): CaseGroup[] =>
    group(aspect, setups).map(({ kind, cases }) => ({
      kind,
      aspect,
      cases: (f) => cases(f).map(change),
    }));
  return [
    ...rope(),
    ...group('values', SETUPS),
    ...group('window', WINDOWED),
    ...group('segments', SEGMENTED),
    ...group('edge shapes', EMPTY),
    ...among('packed', PACKED, packed),
    ...among('products in bf16', [...SETUPS, ...WINDOWED, ...SEGMENTED], inBf16),
    {
      kind: 'attention',
      aspect: 'segments without keys',
      cases: (f) => [strangers(f)],
    },
    {
      kind: 'attention',
      aspect: 'key length',
      cases: (f) => [
        cached(f, { T: 1, S: 16, options: { causal: true } }, 1),
        cached(f, { T: 1, S: 16, options: { causal: true } }, 9),
        cached(f, { T: 4, S: 16, options: { causal: true } }, 9),
        cached(f, { T: 4, S: 16 }, 9),
        cached(f, { T: 4, S: 16, H: 4, G: 2, options: { causal: true, window: 3 } }, 16),
        cached(f, { T: 3, S: 200, options: { causal: true } }, 131),
        cached(f, { T: 3, S: 17, segments: true, options: { causal: true } }, 17),
      ],
    },
    {
      kind: 'attention',
      aspect: 'NaN and large values',
      cases: (f) => [
        {
          ...forward(f, { T: 5, options: { causal: true, scale: 400 } }),
          // Scores of hundreds: the sums must be taken relative to the largest.
          tolerance: { relative: 1e-3, absolute: 2e-3 },
        },
        nanQuery(f),
      ],
    },
  ];
}

/** NaN in one query: its row alone is NaN. */
function nanQuery(f: Float): Case {
  const plain = forward(f, { T: 5, options: { causal: true } });
  const [q, ...rest] = plain.inputs;
  return { ...plain, inputs: [replaced(q, { 20: Number.NaN }), ...rest] };
}
