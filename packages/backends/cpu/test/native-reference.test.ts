import type { AttentionOptions, Backend, Op, UnaryKind } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { describe, expect, test } from 'vitest';
import { type Case, Draw, f32, type Value } from './cases.js';
import { nativeBackend, runnableSimd } from './native.js';
import { runnableModules, wasmBackend } from './wasm.js';

/*
 * Every native kernel against the reference, on sizes that reach all blocks, edges and paths of the
 * C code (the conformance suite judges both on small ones). The tolerance is relative to the
 * largest element of an output: sums of n terms differ by their order.
 */

async function run(backend: Backend, { op, inputs, outputs }: Case): Promise<Float64Array[]> {
  const views = inputs.map(({ dtype, shape, data }) => {
    const buffer = backend.alloc(data.length, dtype);
    backend.write(buffer, data);
    return { buffer, shape };
  });
  // AdamW works in place: its outputs are p, m, v among the inputs.
  const results =
    op.kind === 'adamw'
      ? views.slice(1).filter((_, i) => i % 4 !== 1)
      : outputs.map(({ dtype, shape }) => ({
          buffer: backend.alloc(
            shape.reduce((a, b) => a * b, 1),
            dtype,
          ),
          shape,
        }));
  backend.run(op, views, results);
  const read = await Promise.all(results.map(({ buffer }) => backend.read(buffer)));
  for (const buffer of new Set([...views, ...results].map((view) => view.buffer)))
    backend.free(buffer);
  return read.map((array) => Float64Array.from(array));
}

/** Where and how `got` differs from `expected` by more than `tolerance` of the largest element, or undefined. */
function difference(
  got: Float64Array,
  expected: Float64Array,
  tolerance: number,
): string | undefined {
  const largest = expected.reduce(
    (max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max),
    0,
  );
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(got[i], expected[i]) || got[i] === expected[i]) continue;
    if (Math.abs(got[i] - expected[i]) <= tolerance * largest) continue;
    return `element ${i} is ${got[i]}, the reference has ${expected[i]} (largest ${largest})`;
  }
  return undefined;
}

const NONE: readonly { readonly dtype: 'f32'; readonly shape: readonly number[] }[] = [];

function matmulCases(draw: Draw): Case[] {
  const sizes = [
    [1, 700, 300],
    [1, 5, 3],
    [700, 1, 301],
    [13, 37, 5],
    [200, 70, 800],
    [65, 33, 1],
    [7, 2100, 9],
    [300, 40, 1600],
    [25, 64, 64],
  ];
  const cases: Case[] = [];
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      for (const [m, n, k] of sizes) {
        const a = draw.normal(transposeA ? [k, m] : [m, k]);
        const b = draw.normal(transposeB ? [n, k] : [k, n]);
        const op: Op = { kind: 'matmul', transposeA, transposeB };
        cases.push({ op, inputs: [a, b], outputs: [f32(m, n)] });
        if (transposeA) continue;
        const linear: Op = {
          kind: 'linear',
          transposeWeight: transposeB,
          bias: true,
          residual: false,
        };
        cases.push({ op: linear, inputs: [a, b, draw.normal([n])], outputs: [f32(m, n)] });
      }
      for (const [batch, m, n, k] of [
        [3, 70, 50, 33],
        [9, 17, 3, 40],
        [2, 300, 65, 70],
      ]) {
        const a = draw.normal(transposeA ? [batch, k, m] : [batch, m, k]);
        const b = draw.normal(transposeB ? [batch, n, k] : [batch, k, n]);
        const op: Op = { kind: 'matmul', transposeA, transposeB };
        cases.push({ op, inputs: [a, b], outputs: [f32(batch, m, n)] });
      }
    }
  }
  return cases;
}

const LAYERS = [
  [130, 70, 260],
  [1, 300, 50],
  [29, 5, 1700],
  [400, 33, 65],
] as const;

/** Linear layers with all that may follow their products, and what goes back through them. */
function linearCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (const transposeWeight of [false, true]) {
    for (const [m, n, k] of LAYERS) {
      const weight = transposeWeight ? [n, k] : [k, n];
      const [x, w, dy] = [draw.normal([m, k]), draw.normal(weight, 0.1), draw.normal([m, n])];
      const bias = draw.normal([n]);
      const add = (op: Op, inputs: Value[], ...outputs: Case['outputs'][number][]): void => {
        cases.push({ op, inputs, outputs });
      };
      for (const residual of [false, true]) {
        const op: Op = { kind: 'linear', transposeWeight, bias: !residual, residual };
        add(op, [x, w, residual ? dy : bias], f32(m, n));
      }
      for (const activation of ['gelu', 'geluTanh', 'swiglu'] as const) {
        const gated = activation === 'swiglu';
        const forward: Op = { kind: 'linearActivation', transposeWeight, bias: true, activation };
        add(forward, [x, w, bias, ...(gated ? [dy] : [])], f32(m, n), f32(m, n));
        const backward: Op = { kind: 'activationLinearBackward', transposeWeight, activation };
        const kept = gated ? [x, draw.normal([m, k])] : [x];
        add(backward, [dy, w, ...kept], ...kept.map(() => f32(m, k)));
      }
      const before = [draw.normal(weight), draw.normal([n])];
      for (const accumulate of [false, true]) {
        const op: Op = { kind: 'linearBackwardWeight', transposeWeight, bias: true, accumulate };
        add(op, [x, dy, ...(accumulate ? before : [])], f32(...weight), f32(n));
      }
    }
  }
  return cases;
}

/** To nearest even, as bf16 holds it. */
function roundedToBf16(x: Value): Value {
  const data = Float32Array.from(x.data);
  const bits = new Uint32Array(data.buffer);
  bits.forEach((b, i) => {
    bits[i] = (b + 0x7fff + ((b >>> 16) & 1)) & 0xffff0000;
  });
  return { ...x, data };
}

/** All products on factors that are bf16 already: nothing is left to round. */
function bf16Cases(draw: Draw): Case[] {
  return [...matmulCases(draw), ...linearCases(draw)].map((one) => ({
    ...one,
    op: { ...one.op, precision: 'bf16' } as Op,
    inputs: one.inputs.map(roundedToBf16),
  }));
}

interface AttentionSetup {
  readonly sizes: readonly [b: number, t: number, s: number, h: number, g: number, d: number];
  readonly options: Partial<AttentionOptions>;
  readonly segments?: boolean;
}

const ATTENTIONS: readonly AttentionSetup[] = [
  { sizes: [2, 61, 61, 2, 2, 16], options: { causal: true } },
  { sizes: [1, 200, 200, 4, 2, 64], options: { causal: true } },
  { sizes: [1, 130, 300, 3, 1, 5], options: { causal: true } },
  { sizes: [2, 70, 190, 2, 1, 33], options: { causal: false } },
  { sizes: [1, 150, 150, 2, 2, 8], options: { causal: true, window: 20 } },
  { sizes: [1, 9, 40, 2, 2, 80], options: { causal: true, window: 2 } },
  { sizes: [2, 140, 140, 2, 2, 12], options: { causal: true }, segments: true },
  { sizes: [2, 90, 140, 2, 1, 7], options: { causal: false }, segments: true },
  { sizes: [1, 100, 20, 1, 1, 4], options: { causal: true } },
  { sizes: [3, 1, 300, 4, 2, 64], options: { causal: true } },
  { sizes: [2, 5, 77, 4, 1, 9], options: { causal: true }, segments: true },
];

function attentionCase(draw: Draw, setup: AttentionSetup, keyLength?: number): Case {
  const [b, t, s, h, g, d] = setup.sizes;
  const op: Op = { kind: 'attention', causal: false, scale: d ** -0.5, ...setup.options };
  // Segments in runs, as packed documents have them.
  const run = (length: number): Value => ({
    dtype: 'i32',
    shape: [b, length],
    data: Int32Array.from({ length: b * length }, (_, i) => Math.floor((i % length) / 23)),
  });
  return {
    op: keyLength === undefined ? op : { ...op, keyLength },
    inputs: [
      draw.normal([b, t, h, d], 2),
      draw.normal([b, s, g, d], 2),
      draw.normal([b, s, g, d]),
      ...(setup.segments ? [run(t), run(s)] : []),
    ],
    outputs: [f32(b, t, h, d), f32(b, h, t)],
  };
}

async function attentionCases(draw: Draw, reference: Backend): Promise<Case[]> {
  const cases: Case[] = [];
  for (const setup of ATTENTIONS) {
    const forward = attentionCase(draw, setup);
    cases.push(forward);
    const results = await run(reference, forward);
    const [out, lse] = results.map(
      (data, i): Value => ({
        dtype: 'f32',
        shape: forward.outputs[i].shape,
        data: Float32Array.from(data),
      }),
    );
    const [q, k, v, ...segments] = forward.inputs;
    cases.push({
      op: { ...(forward.op as Extract<Op, { kind: 'attention' }>), kind: 'attentionBackward' },
      inputs: [q, k, v, out, lse, draw.normal(out.shape), ...segments],
      outputs: [f32(...q.shape), f32(...k.shape), f32(...v.shape)],
    });
  }
  for (const keyLength of [0, 1, 33, 299]) {
    cases.push(attentionCase(draw, ATTENTIONS[9], keyLength));
    cases.push(attentionCase(draw, ATTENTIONS[2], keyLength));
  }
  return cases;
}

function reduceCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (const kind of ['reduceSum', 'reduceMax'] as const) {
    for (const [shape, axes] of [
      [[3, 70000], [1]],
      [[200001], [0]],
      [[150, 300, 5], [1]],
      [[700, 300], [0]],
      [
        [9, 1, 33],
        [0, 1, 2],
      ],
      [
        [4, 5, 6, 7],
        [1, 2],
      ],
      [
        [4, 5, 6, 7],
        [0, 2],
      ],
      [[5, 1, 3], [1]],
      [[2, 0, 3], [1]],
    ]) {
      const y = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
      cases.push({ op: { kind, axes }, inputs: [draw.normal(shape)], outputs: [f32(...y)] });
      cases.push({ op: { kind, axes }, inputs: [draw.wild(shape)], outputs: [f32(...y)] });
    }
  }
  const arrays = [[300, 500], [1], [], [0, 3], [65537]].map((shape) => draw.normal(shape));
  cases.push({ op: { kind: 'sumOfSquares' }, inputs: arrays, outputs: [f32()] });
  return cases;
}

function rowCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (const [rows, n] of [
    [1, 1],
    [3, 17],
    [40, 768],
    [5, 9001],
    [333, 30],
  ]) {
    const [x, dy] = [draw.normal([rows, n], 3), draw.normal([rows, n])];
    const [gain, bias] = [draw.normal([n]), draw.normal([n])];
    const mean = draw.normal([rows], 0.1);
    const rstd = draw.positive([rows]);
    const whole = f32(rows, n);
    const one = f32(rows);
    cases.push(
      { op: { kind: 'softmax' }, inputs: [x], outputs: [whole] },
      { op: { kind: 'softmax' }, inputs: [draw.wild([rows, n])], outputs: [whole] },
      { op: { kind: 'softmaxBackward' }, inputs: [x, dy], outputs: [whole] },
      {
        op: { kind: 'layerNorm', epsilon: 1e-5 },
        inputs: [x, gain, bias],
        outputs: [whole, one, one],
      },
      {
        op: { kind: 'layerNormBackward' },
        inputs: [x, gain, mean, rstd, dy],
        outputs: [whole, f32(n), f32(n)],
      },
      { op: { kind: 'rmsNorm', epsilon: 1e-6 }, inputs: [x, gain], outputs: [whole, one] },
      { op: { kind: 'rmsNormBackward' }, inputs: [x, gain, rstd, dy], outputs: [whole, f32(n)] },
    );
    const targets = draw.ids([rows], n);
    if (rows > 2) targets.data[1] = -100;
    const lse = { ...mean, data: mean.data.map((v) => v + 10) };
    cases.push(
      {
        op: { kind: 'crossEntropy', ignoreIndex: -100 },
        inputs: [x, targets],
        outputs: [one, one],
      },
      {
        op: { kind: 'crossEntropyBackward', ignoreIndex: -100 },
        inputs: [x, targets, lse, mean],
        outputs: [whole],
      },
    );
  }
  for (const inverse of [false, true]) {
    for (const batches of [1, 3]) {
      const angles = draw.normal([batches, 50, 8]);
      const cos = { ...angles, data: angles.data.map(Math.cos) };
      const sin = { ...angles, data: angles.data.map(Math.sin) };
      const x = draw.normal([3, 50, 20, 16]);
      cases.push({
        op: { kind: 'rope', inverse },
        inputs: [x, cos, sin],
        outputs: [f32(3, 50, 20, 16)],
      });
    }
  }
  return cases;
}

const UNARY: readonly UnaryKind[] = [
  'neg',
  'abs',
  'sign',
  'exp',
  'sin',
  'cos',
  'tanh',
  'erf',
  'floor',
];

function elementwiseCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (const size of [1, 15, 40001]) {
    for (const kind of UNARY) {
      cases.push({ op: { kind }, inputs: [draw.wild([size])], outputs: [f32(size)] });
      cases.push({ op: { kind }, inputs: [draw.normal([size], 5)], outputs: [f32(size)] });
    }
    for (const kind of ['log', 'sqrt', 'rsqrt'] as const)
      cases.push({ op: { kind }, inputs: [draw.positive([size])], outputs: [f32(size)] });
    for (const approximate of ['none', 'tanh'] as const) {
      const [x, dy] = [draw.normal([size], 4), draw.normal([size])];
      cases.push({ op: { kind: 'gelu', approximate }, inputs: [x], outputs: [f32(size)] });
      cases.push({
        op: { kind: 'geluBackward', approximate },
        inputs: [x, dy],
        outputs: [f32(size)],
      });
    }
    const [gate, up, dy] = [draw.normal([size], 4), draw.normal([size]), draw.normal([size])];
    cases.push({ op: { kind: 'swiglu' }, inputs: [gate, up], outputs: [f32(size)] });
    cases.push({
      op: { kind: 'swigluBackward' },
      inputs: [gate, up, dy],
      outputs: [f32(size), f32(size)],
    });
  }
  return cases;
}

function broadcastCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (let i = 0; i < 60; i++) {
    const shape = Array.from({ length: draw.integer(0, 5) }, () =>
      draw.integer(i % 20 === 0 ? 0 : 1, 7),
    );
    if (i % 10 === 0 && shape.length > 0) shape[shape.length - 1] = 3001;
    const part = (): number[] =>
      shape
        .map((n) => (draw.integer(0, 2) === 0 ? 1 : n))
        .slice(draw.integer(0, 1) * draw.integer(0, shape.length));
    const kind = (['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow'] as const)[i % 7];
    const value = kind === 'pow' ? draw.positive.bind(draw) : draw.wild.bind(draw);
    cases.push({ op: { kind }, inputs: [value(part()), value(part())], outputs: [f32(...shape)] });
    const ids = (): Value => draw.ids(part(), 5);
    const out = [{ dtype: 'i32', shape } as const];
    cases.push({
      op: { kind: i % 2 ? 'equal' : 'less' },
      inputs: [draw.wild(part()), draw.wild(part())],
      outputs: out,
    });
    cases.push({ op: { kind: i % 2 ? 'less' : 'equal' }, inputs: [ids(), ids()], outputs: out });
    cases.push({ op: { kind }, inputs: [ids(), ids()], outputs: out });
    const test = draw.ids(part(), 2);
    cases.push({
      op: { kind: 'select' },
      inputs: [test, draw.wild(part()), draw.wild(part())],
      outputs: [f32(...shape)],
    });
    cases.push({
      op: { kind: 'broadcast' },
      inputs: [draw.normal(part())],
      outputs: [f32(...shape)],
    });
  }
  const wide = draw.wild([5000]);
  cases.push({
    op: { kind: 'cast' },
    inputs: [{ ...wide, data: wide.data.map((x) => x * 3e9) }],
    outputs: [{ dtype: 'i32', shape: [5000] }],
  });
  cases.push({
    op: { kind: 'cast' },
    inputs: [draw.ids([5000], 2 ** 31 - 1)],
    outputs: [f32(5000)],
  });
  return cases;
}

function layoutCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (let i = 0; i < 40; i++) {
    const rank = draw.integer(1, 5);
    const shape = Array.from({ length: rank }, () =>
      draw.integer(i % 15 === 0 ? 0 : 1, i % 3 ? 9 : 21),
    );
    const axes = shape.map((_, axis) => axis);
    for (let axis = rank - 1; axis > 0; axis--) {
      const other = draw.integer(0, axis);
      [axes[axis], axes[other]] = [axes[other], axes[axis]];
    }
    const x = draw.normal(shape);
    cases.push({
      op: { kind: 'permute', axes },
      inputs: [x],
      outputs: [f32(...axes.map((a) => shape[a]))],
    });
    const start = shape.map((n) => draw.integer(0, n));
    const part = shape.map((n, axis) => draw.integer(0, n - start[axis]));
    cases.push({ op: { kind: 'slice', start }, inputs: [x], outputs: [f32(...part)] });
    cases.push({
      op: { kind: 'updateSlice', start },
      inputs: [x, draw.normal(part)],
      outputs: [f32(...shape)],
    });
    const before = shape.map(() => draw.integer(0, 2));
    const padded = shape.map((n, axis) => before[axis] + n + draw.integer(0, 2));
    cases.push({
      op: { kind: 'pad', before, value: -1.5 },
      inputs: [x],
      outputs: [f32(...padded)],
    });
    const axis = draw.integer(0, rank - 1);
    const other = shape.map((n, a) => (a === axis ? draw.integer(0, 4) : n));
    const joined = shape.map((n, a) => (a === axis ? n + other[a] + n : n));
    cases.push({
      op: { kind: 'concat', axis },
      inputs: [x, draw.normal(other), draw.normal(shape)],
      outputs: [f32(...joined)],
    });
  }
  cases.push({
    op: { kind: 'permute', axes: [1, 0] },
    inputs: [draw.normal([301, 530])],
    outputs: [f32(530, 301)],
  });
  for (const [v, width, count] of [
    [50, 700, 300],
    [7, 1, 90],
    [3, 33, 5],
    [9, 4, 0],
  ]) {
    const ids = draw.ids([count], v);
    const table = draw.normal([v, width]);
    cases.push({ op: { kind: 'gather' }, inputs: [table, ids], outputs: [f32(count, width)] });
    cases.push({
      op: { kind: 'scatterAdd' },
      inputs: [table, ids, draw.normal([count, width])],
      outputs: [f32(v, width)],
    });
  }
  return cases;
}

function trainingCases(draw: Draw): Case[] {
  const cases: Case[] = [];
  for (const n of [1, 63, 64, 65, 100001]) {
    const key = draw.key();
    cases.push({ op: { kind: 'randomUniform', key }, inputs: [], outputs: [f32(n)] });
    cases.push({
      op: { kind: 'dropout', rate: 0.1, key },
      inputs: [draw.normal([n])],
      outputs: [f32(n)],
    });
  }
  for (const scale of [1, 0.3, Number.NaN]) {
    const parameters = [[300, 400], [1], [0], [77]].flatMap((shape) => [
      draw.normal(shape),
      draw.normal(shape),
      draw.normal(shape, 0.1),
      draw.positive(shape),
    ]);
    const factor: Value = { dtype: 'f32', shape: [], data: Float32Array.of(scale) };
    const op: Op = {
      kind: 'adamw',
      lr: 0.01,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.1,
      step: 7,
    };
    cases.push({ op, inputs: [factor, ...parameters], outputs: NONE });
  }
  return cases;
}

/** Kinds whose native kernels do the reference's arithmetic exactly. */
const EXACT = new Set<string>([
  'permute',
  'slice',
  'updateSlice',
  'pad',
  'concat',
  'broadcast',
  'gather',
  'select',
  'equal',
  'less',
  'cast',
  'randomUniform',
  'dropout',
  'reduceMax',
  'neg',
  'abs',
  'sign',
  'floor',
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'sqrt',
]);
/** Of the largest element of an output. */
const TOLERANCE = 3e-6;

const groups: Readonly<
  Record<string, (draw: Draw, reference: Backend) => Case[] | Promise<Case[]>>
> = {
  matmul: matmulCases,
  'linear layers': linearCases,
  'products in bf16': bf16Cases,
  attention: attentionCases,
  reductions: reduceCases,
  'rows: softmax, norms, cross-entropy, rope': rowCases,
  elementwise: elementwiseCases,
  broadcasting: broadcastCases,
  layout: layoutCases,
  'random numbers and AdamW': trainingCases,
};

const { simd, reason } = runnableSimd();
const wasm = runnableModules();
/** Each build of the C kernels that runs here. */
const builds = [
  ...simd.map((set) => ({
    name: set as string,
    open: (threads: number) => nativeBackend(set, threads),
  })),
  ...wasm.modules.map((module) => ({
    name: module.name,
    open: (threads: number) => wasmBackend(module, threads),
  })),
];
const reasons = [reason, wasm.reason].filter((text) => text !== '').join('; ');

describe.skipIf(builds.length === 0)(
  `native kernels are the reference's equals${reasons && ` (${reasons})`}`,
  () => {
    for (const [name, make] of Object.entries(groups)) {
      test(name, async () => {
        await using reference = cpu({ kernels: 'reference' });
        const cases = await make(new Draw(1), reference);
        const expected: Float64Array[][] = [];
        for (const one of cases) expected.push(await run(reference, one));
        for (const { name: build, open } of builds) {
          await using native = open(2);
          for (const [i, one] of cases.entries()) {
            const got = await run(native, one);
            const tolerance = EXACT.has(one.op.kind) ? 0 : TOLERANCE;
            got.forEach((array, output) => {
              const shapes = one.inputs.map((x) => `[${x.shape}]`).join(' ');
              const what = `${build} ${JSON.stringify(one.op)} of ${shapes}, output ${output}`;
              expect(difference(array, expected[i][output], tolerance), what).toBeUndefined();
            });
          }
        }
      });
    }

    test('denormals are zeros inside kernels, and stay numbers outside', async () => {
      const op: Op = { kind: 'matmul', transposeA: false, transposeB: false };
      const all = (x: number): Value => ({ ...f32(64, 64), data: new Float32Array(4096).fill(x) });
      for (const set of simd) {
        await using native = nativeBackend(set, 2);
        const [product] = await run(native, {
          op,
          inputs: [all(1e-39), all(1e20)],
          outputs: [f32(64, 64)],
        });
        expect(product.every((x) => x === 0)).toBe(true);
        const half = Float64Array.of(Number.MIN_VALUE * 4).map((x) => x / 2);
        expect(half[0]).toBe(Number.MIN_VALUE * 2);
      }
    });

    test('bf16 rounds the factors to nearest even, and nothing else', async () => {
      const draw = new Draw(3);
      const op: Op = { kind: 'matmul', transposeA: false, transposeB: false, precision: 'bf16' };
      const [a, b] = [draw.normal([70, 133]), draw.normal([133, 50])];
      for (const { name: build, open } of builds) {
        await using native = open(2);
        const [rounding] = await run(native, { op, inputs: [a, b], outputs: [f32(70, 50)] });
        const inputs = [a, b].map(roundedToBf16);
        const [ready] = await run(native, { op, inputs, outputs: [f32(70, 50)] });
        expect(rounding, build).toEqual(ready);
      }
    });

    const first = [builds.find(({ name }) => name === simd[0]), builds.find(isThreaded)];
    test.each(first.filter((build) => build !== undefined))(
      'the same bits for every number of threads, and twice ($name)',
      async ({ open }) => {
        await using reference = cpu({ kernels: 'reference' });
        for (const make of Object.values(groups)) {
          const cases = await make(new Draw(2), reference);
          await using one = open(1);
          await using many = open(3);
          for (const each of cases) {
            const first = await run(one, each);
            for (const again of [await run(many, each), await run(many, each)]) {
              const same = again.every((array, n) =>
                array.every((x, i) => Object.is(x, first[n][i])),
              );
              expect(same, `${JSON.stringify(each.op)} gives the same bits`).toBe(true);
            }
          }
        }
      },
    );
  },
);

function isThreaded({ name }: { readonly name: string }): boolean {
  return name.startsWith('heddle-threads');
}
