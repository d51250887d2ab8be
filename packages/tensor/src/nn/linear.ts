import { type FusedOp, type Precision, sizeOf, type Tensor } from '@heddle/core';
import { requireConstant, type Sums, track } from '../graph.js';
import { add } from '../ops/binary.js';
import { reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { cast } from '../ops/unary.js';
import { autocast, precisionOf } from '../precision.js';
import { backendOf, run, runAll, runInto } from '../run.js';
import { type DeviceTensor, floating, sameDType, wrongShape } from '../tensor.js';

export interface LinearOptions {
  /** [N], added to every row. */
  readonly bias?: Tensor;
  /** Whether w is [N, K], as torch.nn.Linear keeps it, instead of [K, N], as GPT-2's Conv1D does. */
  readonly transposeWeight?: boolean;
  /** [..., N], added to the result: what a residual connection goes around this layer with. */
  readonly residual?: Tensor;
}

/**
 * x w + bias + residual. x: [..., K], w: [K, N] or, with `transposeWeight`, [N, K] -> [..., N].
 * w may be bf16 beside f32: half the memory, and half the time of one row; such a weight has no gradient.
 */
export function linear(input: Tensor, weight: Tensor, options: LinearOptions = {}): Tensor {
  const layer = linearLayer('linear', input, { weight, ...options });
  const { x, w, bias, transposeWeight } = layer;
  const residual = options.residual && floating(options.residual, 'linear');
  const outer = input.shape.slice(0, -1);
  const n = w.shape[transposeWeight ? 0 : 1];
  if (residual && residual.shape.join() !== [...outer, n].join())
    throw wrongShape('linear', [x, w, residual], `the residual must be [${[...outer, n]}]`);
  const rows = residual && (reshape(residual, [x.shape[0], n]) as DeviceTensor);
  return reshape(linearRows(x, w, bias, rows, transposeWeight), [...outer, n]);
}

/** A linear layer's operands, checked: x as rows [M, K], its weight and perhaps its bias. */
export interface LinearLayer {
  readonly x: DeviceTensor;
  readonly w: DeviceTensor;
  readonly bias: DeviceTensor | undefined;
  readonly transposeWeight: boolean;
}

export function linearLayer(
  op: string,
  input: Tensor,
  given: Omit<LinearOptions, 'residual'> & { readonly weight: Tensor },
): LinearLayer {
  const { transposeWeight = false } = given;
  const x = floating(input, op);
  const w = floating(given.weight, op);
  const bias = given.bias && floating(given.bias, op);
  const k = x.shape.at(-1);
  if (k === undefined || w.shape.length !== 2 || w.shape[transposeWeight ? 1 : 0] !== k) {
    const expected = transposeWeight ? '[N, K]' : '[K, N]';
    throw wrongShape(op, [x, w], `x [..., K] needs w ${expected} with the same K`);
  }
  const all = bias ? [x, w, bias] : [x, w];
  backendOf(op, all);
  if (x.dtype === 'f32' && w.dtype === 'bf16') {
    requireConstant(op, 'a bf16 weight', w);
    sameDType(op, bias ? [x, bias] : [x]);
  } else {
    sameDType(op, all);
  }
  const n = w.shape[transposeWeight ? 0 : 1];
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== n))
    throw wrongShape(op, all, `the bias must be [${n}]`);
  const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), k]) as DeviceTensor;
  return { x: rows, w, bias, transposeWeight };
}

/** x: [M, K], residual: [M, N] -> [M, N]. */
export function linearRows(
  x: DeviceTensor,
  w: DeviceTensor,
  bias: DeviceTensor | undefined,
  residual: DeviceTensor | undefined,
  transposeWeight: boolean,
): DeviceTensor {
  const inputs = [x, w, ...(bias ? [bias] : []), ...(residual ? [residual] : [])];
  backendOf('linear', inputs);
  sameDType('linear', [x, ...inputs.slice(2)]);
  const precision = precisionOf([x, w]);
  const op: FusedOp = {
    kind: 'linear',
    transposeWeight,
    bias: bias !== undefined,
    residual: residual !== undefined,
    ...precision,
  };
  if (!x.backend.supports(op, x.dtype)) {
    const product = matmul(x, cast(w, x.dtype), { transposeB: transposeWeight });
    const terms = [bias, residual].filter((term) => term !== undefined);
    return terms.reduce<Tensor>((y, term) => add(y, term), product) as DeviceTensor;
  }
  const y = run(op, inputs, [x.shape[0], w.shape[transposeWeight ? 0 : 1]]);
  return track('linear', y, inputs, (needs, save) => {
    const savedW = needs[0] ? save(w) : undefined;
    const savedX = needs[1] || (bias && needs[2]) ? save(x) : undefined;
    return (dy, sums) => [
      savedW && linearBackwardInput(dy, savedW, transposeWeight, precision),
      ...(savedX
        ? linearBackwardWeight(savedX, dy as DeviceTensor, {
            transposeWeight,
            bias: bias !== undefined,
            sums: sums.slice(1),
            ...precision,
          })
        : bias
          ? [undefined, undefined]
          : [undefined]),
      dy,
    ];
  });
}

/** dy w': [M, N] -> [M, K]. */
export function linearBackwardInput(
  dy: Tensor,
  w: DeviceTensor,
  transposeWeight: boolean,
  { precision = 'f32' }: { readonly precision?: 'f32' | 'bf16' },
): Tensor {
  return autocast(precision, () => matmul(dy, cast(w, dy.dtype), { transposeB: !transposeWeight }));
}

/** (dw, and with `bias` dbias), added to the sums in place where there are any. x: [M, K], dy: [M, N]. */
export function linearBackwardWeight(
  x: DeviceTensor,
  dy: DeviceTensor,
  options: Precision & {
    readonly transposeWeight: boolean;
    readonly bias: boolean;
    readonly sums: Sums;
  },
): Tensor[] {
  const { transposeWeight, bias, sums, precision } = options;
  const [k, n] = [x.shape[1], dy.shape[1]];
  const specs = [
    { shape: transposeWeight ? [n, k] : [k, n], dtype: x.dtype },
    ...(bias ? [{ shape: [n], dtype: x.dtype }] : []),
  ];
  const op: FusedOp = {
    kind: 'linearBackwardWeight',
    transposeWeight,
    bias,
    ...(precision && { precision }),
  };
  const before = sums.slice(0, specs.length).filter((x) => x !== undefined);
  const inPlace: FusedOp = { ...op, accumulate: true };
  if (before.length === specs.length && x.backend.supports(inPlace, x.dtype)) {
    runInto(inPlace, [x, dy, ...before], before);
    return before;
  }
  if (x.backend.supports(op, x.dtype)) return runAll(op, [x, dy], specs);
  const [a, b] = transposeWeight ? [dy, x] : [x, dy];
  const dw = autocast(precision ?? 'f32', () => matmul(a, b, { transposeA: true }));
  return bias ? [dw, sum(dy, { axes: [0] })] : [dw];
}
