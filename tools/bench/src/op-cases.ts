import type { AttentionOptions, DType, Op, Shape } from '@heddle/core';

/** One operation at the shapes of a training or generation step. */
export interface OpCase {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly OperandSpec[];
  readonly outputs: readonly OperandSpec[];
  /** Outputs that are inputs: indices of inputs. Those outputs are not in `outputs`. */
  readonly inPlace?: readonly number[];
  /** Which peak bounds its arithmetic. */
  readonly precision: 'f32' | 'bf16';
}

export interface OperandSpec {
  readonly shape: Shape;
  readonly dtype?: DType;
  /** For i32: values below this. */
  readonly below?: number;
}

const f = (...shape: number[]): OperandSpec => ({ shape });
const ids = (below: number, ...shape: number[]): OperandSpec => ({ shape, dtype: 'i32', below });

interface Sizes {
  readonly name: string;
  readonly batch: number;
  readonly context: number;
  readonly width: number;
  readonly inner: number;
  readonly heads: number;
}

const S: Sizes = { name: 'S', batch: 12, context: 256, width: 384, inner: 1536, heads: 6 };
const M: Sizes = { name: 'M', batch: 4, context: 256, width: 768, inner: 3072, heads: 12 };
const VOCAB = 50257;

/** The products of a step in the three layouts: forward NN, to the input NT, to the weight TN. */
function products(precision: 'f32' | 'bf16'): OpCase[] {
  const rounding = precision === 'bf16' ? { precision } : {};
  const of = (name: string, m: number, n: number, k: number): OpCase[] => [
    {
      name: `${name} NN`,
      op: { kind: 'matmul', transposeA: false, transposeB: false, ...rounding },
      inputs: [f(m, k), f(k, n)],
      outputs: [f(m, n)],
      precision,
    },
    {
      name: `${name} NT`,
      op: { kind: 'matmul', transposeA: false, transposeB: true, ...rounding },
      inputs: [f(m, n), f(k, n)],
      outputs: [f(m, k)],
      precision,
    },
    {
      name: `${name} TN`,
      op: { kind: 'matmul', transposeA: true, transposeB: false, ...rounding },
      inputs: [f(m, k), f(m, n)],
      outputs: [f(k, n)],
      precision,
    },
  ];
  return [S, M].flatMap(({ name, batch, context, width, inner }) => {
    const rows = batch * context;
    return [
      ...of(`${name} qkv ${rows}x${3 * width}x${width}`, rows, 3 * width, width),
      ...of(`${name} proj ${rows}x${width}x${width}`, rows, width, width),
      ...of(`${name} up ${rows}x${inner}x${width}`, rows, inner, width),
      ...of(`${name} down ${rows}x${width}x${inner}`, rows, width, inner),
    ];
  });
}

function epilogues(precision: 'f32' | 'bf16'): OpCase[] {
  const rounding = precision === 'bf16' ? { precision } : {};
  return [S, M].flatMap(({ name, batch, context, width, inner }): OpCase[] => {
    const rows = batch * context;
    return [
      {
        name: `${name} linear + bias + residual`,
        op: { kind: 'linear', transposeWeight: false, bias: true, residual: true, ...rounding },
        inputs: [f(rows, width), f(width, width), f(width), f(rows, width)],
        outputs: [f(rows, width)],
        precision,
      },
      {
        name: `${name} linear + bias + gelu`,
        op: {
          ...{ kind: 'linearActivation', transposeWeight: false, bias: true },
          ...{ activation: 'geluTanh', ...rounding },
        },
        inputs: [f(rows, width), f(width, inner), f(inner)],
        outputs: [f(rows, inner), f(rows, inner)],
        precision,
      },
      {
        name: `${name} linear backward + gelu'`,
        op: {
          ...{ kind: 'activationLinearBackward', transposeWeight: false },
          ...{ activation: 'geluTanh', ...rounding },
        },
        inputs: [f(rows, width), f(inner, width), f(rows, inner)],
        outputs: [f(rows, inner)],
        precision,
      },
      {
        name: `${name} linear backward weight + bias`,
        op: { kind: 'linearBackwardWeight', transposeWeight: false, bias: true, ...rounding },
        inputs: [f(rows, width), f(rows, inner)],
        outputs: [f(width, inner), f(inner)],
        precision,
      },
    ];
  });
}

function attention(
  name: string,
  precision: 'f32' | 'bf16',
  [batch, context, heads, groups, size]: readonly number[],
  more: Partial<AttentionOptions> = {},
): OpCase[] {
  const rounding = precision === 'bf16' ? { precision } : {};
  const options = { causal: true, scale: size ** -0.5, ...more, ...rounding };
  const q = f(batch, context, heads, size);
  const k = f(batch, context, groups, size);
  const lse = f(batch, heads, context);
  return [
    {
      name: `attention ${name}`,
      op: { kind: 'attention', ...options },
      inputs: [q, k, k],
      outputs: [q, lse],
      precision,
    },
    {
      name: `attention backward ${name}`,
      op: { kind: 'attentionBackward', ...options },
      inputs: [q, k, k, q, lse, q],
      outputs: [q, k, k],
      precision,
    },
  ];
}

const attentions = (precision: 'f32' | 'bf16'): OpCase[] => [
  ...attention('S', precision, [12, 256, 6, 6, 64]),
  ...attention('M', precision, [4, 256, 12, 12, 64]),
  ...attention('L, 4 groups', precision, [4, 256, 12, 4, 64]),
  ...attention('1024 long', precision, [2, 1024, 6, 6, 64]),
  ...attention('1024 long, window 256', precision, [2, 1024, 6, 6, 64], { window: 256 }),
  ...attention('heads of 128', precision, [2, 1024, 3, 3, 128]),
];

/** What the memory bounds: a row is read, worked on, and written. */
function rows(): OpCase[] {
  const { batch, context, width, inner } = M;
  const n = batch * context;
  const x = f(n, width);
  const precision = 'f32';
  const parameters = f(8 * 2 ** 20);
  return [
    {
      name: 'layerNorm',
      op: { kind: 'layerNorm', epsilon: 1e-5 },
      inputs: [x, f(width), f(width)],
      outputs: [x, f(n), f(n)],
      precision,
    },
    {
      name: 'layerNorm backward',
      op: { kind: 'layerNormBackward' },
      inputs: [x, f(width), f(n), f(n), x],
      outputs: [x, f(width), f(width)],
      precision,
    },
    {
      name: 'rmsNorm',
      op: { kind: 'rmsNorm', epsilon: 1e-6 },
      inputs: [x, f(width)],
      outputs: [x, f(n)],
      precision,
    },
    {
      name: 'rmsNorm backward',
      op: { kind: 'rmsNormBackward' },
      inputs: [x, f(width), f(n), x],
      outputs: [x, f(width)],
      precision,
    },
    {
      name: 'softmax',
      op: { kind: 'softmax' },
      inputs: [f(n, 1024)],
      outputs: [f(n, 1024)],
      precision,
    },
    {
      name: 'cross-entropy',
      op: { kind: 'crossEntropy', ignoreIndex: -100 },
      inputs: [f(n, VOCAB), ids(VOCAB, n)],
      outputs: [f(n), f(n)],
      precision,
    },
    {
      name: 'cross-entropy backward, in place',
      op: { kind: 'crossEntropyBackward', ignoreIndex: -100 },
      inputs: [f(n, VOCAB), ids(VOCAB, n), f(n), f(n)],
      outputs: [],
      inPlace: [0],
      precision,
    },
    {
      name: 'gelu',
      op: { kind: 'gelu', approximate: 'tanh' },
      inputs: [f(n, inner)],
      outputs: [f(n, inner)],
      precision,
    },
    {
      name: 'swiglu',
      op: { kind: 'swiglu' },
      inputs: [f(n, 2048), f(n, 2048)],
      outputs: [f(n, 2048)],
      precision,
    },
    {
      name: 'rope',
      op: { kind: 'rope', inverse: false },
      inputs: [f(batch, context, 12, 64), f(1, context, 32), f(1, context, 32)],
      outputs: [f(batch, context, 12, 64)],
      precision,
    },
    {
      name: 'add',
      op: { kind: 'add' },
      inputs: [f(n, inner), f(n, inner)],
      outputs: [f(n, inner)],
      precision,
    },
    {
      name: 'embedding',
      op: { kind: 'gather' },
      inputs: [f(VOCAB, width), ids(VOCAB, n)],
      outputs: [x],
      precision,
    },
    {
      name: 'sum of squares',
      op: { kind: 'sumOfSquares' },
      inputs: [parameters],
      outputs: [f()],
      precision,
    },
    {
      name: 'adamw',
      op: {
        ...{ kind: 'adamw', lr: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        ...{ weightDecay: 0.01, step: 1 },
      },
      inputs: [f(), parameters, parameters, parameters, parameters],
      outputs: [],
      inPlace: [1, 3, 4],
      precision,
    },
  ];
}

/** One row, as in generation: the weight is read once. */
function oneRow(dtype: 'f32' | 'bf16'): OpCase[] {
  const of = (name: string, n: number, k: number, transposeWeight: boolean): OpCase => ({
    name: `one row, ${name}, ${dtype} weight`,
    op: { kind: 'linear', transposeWeight, bias: false, residual: false },
    inputs: [f(1, k), { shape: transposeWeight ? [n, k] : [k, n], dtype }],
    outputs: [f(1, n)],
    precision: 'f32',
  });
  const { width, inner } = M;
  return [
    of(`up ${width} to ${inner}`, inner, width, false),
    of(`down ${inner} to ${width}`, width, inner, false),
    of(`head ${width} to ${VOCAB}`, VOCAB, width, true),
  ];
}

export const OP_CASES: readonly OpCase[] = [
  ...products('f32'),
  ...products('bf16'),
  ...epilogues('f32'),
  ...epilogues('bf16'),
  ...attentions('f32'),
  ...attentions('bf16'),
  ...rows(),
  ...oneRow('f32'),
  ...oneRow('bf16'),
];
