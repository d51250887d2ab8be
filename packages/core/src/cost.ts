import type { DeviceBuffer, View } from './backend.js';
import { BYTES } from './dtype.js';
import type { AttentionOptions, LinearActivation, Op } from './op.js';
import { sizeOf } from './shape.js';

/** What an operation amounts to, whatever backend runs it. */
export interface OpCost {
  /** Arithmetic operations on floating numbers, as the field counts them: a product of [M, K] and [K, N] has 2 M N K. */
  readonly flops: number;
  /** What must cross the memory at least once: operands read plus results written, in their dtypes. */
  readonly bytes: number;
}

/**
 * The arithmetic and the memory traffic of an operation, from its kind and shapes.
 *
 * Products count a multiplication and an addition each. Attention counts its two products over the
 * pairs of query and key that `causal` and `window` let see each other (segments are data, so they
 * are not considered), its backward pass 2.5 times that, for five products (Dao et al. 2022). Of the
 * rest every arithmetic operation counts one, `exp`, `tanh`, `erf` and `sqrt` as well: see the
 * constants of this file. Moving data counts nothing.
 */
export function costOf(op: Op, inputs: readonly View[], outputs: readonly View[]): OpCost {
  return { flops: flopsOf(op, inputs, outputs), bytes: bytesOf(op, inputs, outputs) };
}

/** For each element. */
const FLOPS = {
  geluTanh: 9, // 0.5 x (1 + tanh(x (c + c' x²)))
  geluTanhBackward: 16,
  gelu: 5, // 0.5 x (1 + erf(x c))
  geluBackward: 11,
  swiglu: 5, // gate / (1 + exp(-gate)) up
  swigluBackward: 12,
  softmax: 5, // maximum, difference, exp, sum, quotient
  softmaxBackward: 4, // y dy, its sum, difference, product
  layerNorm: 8, // mean 1, variance 3, normalised 2, gain and bias 2
  layerNormBackward: 13, // normalised 2, gain 1, two sums 3, dgain and dbias 3, dx 4
  rmsNorm: 4, // sum of squares 2, normalised 1, gain 1
  rmsNormBackward: 9,
  rope: 3, // 4 products and 2 sums a pair
  crossEntropy: 4, // maximum, difference, exp, sum
  crossEntropyBackward: 3, // difference, exp, product
  adamw: 15, // scale 1, decay 1, both moments 7, step 6
} as const;

const ACTIVATION: Readonly<Record<LinearActivation, number>> = {
  gelu: FLOPS.gelu,
  geluTanh: FLOPS.geluTanh,
  swiglu: FLOPS.swiglu,
};

const ACTIVATION_BACKWARD: Readonly<Record<LinearActivation, number>> = {
  gelu: FLOPS.geluBackward,
  geluTanh: FLOPS.geluTanhBackward,
  swiglu: FLOPS.swigluBackward,
};

function flopsOf(op: Op, inputs: readonly View[], outputs: readonly View[]): number {
  const input = (i: number): number => sizeOf(inputs[i].shape);
  const output = (i: number): number => sizeOf(outputs[i].shape);
  switch (op.kind) {
    case 'neg':
    case 'abs':
    case 'sign':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'rsqrt':
    case 'sin':
    case 'cos':
    case 'tanh':
    case 'erf':
    case 'floor':
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'maximum':
    case 'minimum':
    case 'pow':
    case 'equal':
    case 'less':
    case 'dropout':
      return output(0);
    case 'select':
    case 'cast':
    case 'permute':
    case 'slice':
    case 'pad':
    case 'concat':
    case 'broadcast':
    case 'updateSlice':
    case 'gather':
    case 'fill':
    case 'iota':
    case 'randomUniform':
      return 0;
    case 'reduceSum':
    case 'reduceMax':
    case 'argMax':
      return input(0);
    case 'scatterAdd':
      return input(2);
    case 'matmul': {
      const { shape } = inputs[0];
      return 2 * output(0) * shape[shape.length - (op.transposeA ? 2 : 1)];
    }
    case 'linear': {
      const additions = (op.bias ? 1 : 0) + (op.residual ? 1 : 0);
      return output(0) * (2 * inputs[0].shape[1] + additions);
    }
    case 'linearActivation': {
      const each = 2 * inputs[0].shape[1] + (op.bias ? 1 : 0) + ACTIVATION[op.activation];
      return output(0) * each;
    }
    case 'activationLinearBackward':
      return output(0) * (2 * inputs[0].shape[1] + ACTIVATION_BACKWARD[op.activation]);
    case 'linearBackwardWeight': {
      const added = op.accumulate ? output(0) + (op.bias ? output(1) : 0) : 0;
      return 2 * input(0) * inputs[1].shape[1] + (op.bias ? input(1) : 0) + added;
    }
    case 'gelu':
      return output(0) * (op.approximate === 'tanh' ? FLOPS.geluTanh : FLOPS.gelu);
    case 'geluBackward':
      return output(0) * (op.approximate === 'tanh' ? FLOPS.geluTanhBackward : FLOPS.geluBackward);
    case 'swiglu':
    case 'swigluBackward':
    case 'softmax':
    case 'softmaxBackward':
    case 'layerNorm':
    case 'rmsNorm':
    case 'rope':
      return output(0) * FLOPS[op.kind];
    case 'layerNormBackward':
    case 'rmsNormBackward':
      return output(0) * (FLOPS[op.kind] + (op.accumulate ? 1 : 0));
    case 'crossEntropy':
    case 'crossEntropyBackward':
      return input(0) * FLOPS[op.kind];
    case 'attention':
      return attentionFlops(op, inputs);
    case 'attentionBackward':
      return 2.5 * attentionFlops(op, inputs);
    case 'sumOfSquares':
      return inputs.reduce((sum, { shape }) => sum + 2 * sizeOf(shape), 0);
    case 'adamw': {
      let parameters = 0; // outputs are p, m, v in turn
      for (let i = 0; i < outputs.length; i += 3) parameters += output(i);
      return parameters * FLOPS.adamw;
    }
  }
}

/** Two products of length D for each pair that is seen. */
function attentionFlops(op: AttentionOptions, [q, k]: readonly View[]): number {
  const [rows, queries, all, width] = q.shape;
  const packed = op.packedGroups;
  const heads = packed === undefined ? all : all - 2 * packed;
  const keys = packed === undefined ? (op.keyLength ?? k.shape[1]) : queries;
  return 4 * width * rows * heads * visiblePairs(op, queries, keys);
}

/** Pairs of query and key in one head. */
function visiblePairs({ causal, window }: AttentionOptions, queries: number, keys: number): number {
  if (!causal) return queries * keys;
  const most = window ?? keys;
  /** Over queries that could see 1, 2, …, n keys if there were no window. */
  const upTo = (n: number): number =>
    n <= most ? (n * (n + 1)) / 2 : (most * (most + 1)) / 2 + (n - most) * most;
  return upTo(keys) - upTo(Math.max(0, keys - queries));
}

function bytesOf(op: Op, inputs: readonly View[], outputs: readonly View[]): number {
  switch (op.kind) {
    case 'slice':
      return 2 * bytesIn(outputs);
    case 'gather':
      return bytesIn([inputs[1]]) + 2 * bytesIn(outputs);
    case 'updateSlice': // in place, the rest of the target stays where it is
      if (inputs[0].buffer === outputs[0].buffer) return 2 * bytesIn([inputs[1]]);
      return bytesIn(inputs) + bytesIn(outputs);
    case 'scatterAdd': // in place, rows that no id names stay: each named one is read and written
      if (inputs[0].buffer === outputs[0].buffer)
        return bytesIn([inputs[1]]) + 3 * bytesIn([inputs[2]]);
      return bytesIn(inputs) + bytesIn(outputs);
    case 'attention': {
      const { keyLength } = op;
      if (keyLength === undefined) return bytesIn(inputs) + bytesIn(outputs);
      const [q, k, v, ...segments] = inputs;
      const present = keyLength / k.shape[1];
      return bytesIn([q, ...segments]) + present * bytesIn([k, v]) + bytesIn(outputs);
    }
    default:
      return bytesIn(inputs) + bytesIn(outputs);
  }
}

/** A buffer that is given twice crosses once. */
function bytesIn(views: readonly View[]): number {
  const seen = new Set<DeviceBuffer>();
  let bytes = 0;
  for (const { buffer, shape } of views) {
    if (!seen.has(buffer)) bytes += sizeOf(shape) * BYTES[buffer.dtype];
    seen.add(buffer);
  }
  return bytes;
}
