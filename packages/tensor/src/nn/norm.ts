import { type FusedOp, HeddleError, type Shape, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { add, mul, sub } from '../ops/binary.js';
import { reshape } from '../ops/layout.js';
import { mean, sum } from '../ops/reduce.js';
import { rsqrt, square } from '../ops/unary.js';
import { allocate, backendOf, runAll, runInto, type Spec } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, sameDType, viewOf, wrongShape } from '../tensor.js';

export interface NormOptions {
  /** Added to the variance or mean square; must be positive. */
  readonly epsilon?: number;
}

const LAST = { axes: [-1], keepDims: true };

/**
 * (x - mean) / sqrt(variance + epsilon) gain + bias over the last axis (Ba et al. 2016).
 * x: [..., D], gain and bias: [D]; epsilon default 1e-5.
 */
export function layerNorm(
  input: Tensor,
  gainInput: Tensor,
  biasInput: Tensor,
  { epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  const inputs = normInputs('layerNorm', input, [gainInput, biasInput], epsilon);
  const [x, gain] = inputs;
  const [y, mu, rstd] = layerNormForward(inputs, epsilon);
  return track('layerNorm', y, inputs, (_, save) => {
    const saved = [x, gain, mu, rstd].map(save);
    return (dy, [sum]) => layerNormBackward(saved, dy as DeviceTensor, sum);
  });
}

function layerNormForward(inputs: readonly DeviceTensor[], epsilon: number): DeviceTensor[] {
  const x = inputs[0];
  const op: FusedOp = { kind: 'layerNorm', epsilon };
  const statistic = perRow(x);
  if (x.backend.supports(op, x.dtype)) return runAll(op, inputs, [x, statistic, statistic]);
  return scoped(() => {
    const [a, gain, bias] = inputs.map((t) => viewOf(t));
    const mu = mean(a, LAST);
    const centred = sub(a, mu);
    const rstd = rsqrt(add(mean(square(centred), LAST), epsilon));
    const y = add(mul(mul(centred, rstd), gain), bias);
    return [y, reshape(mu, statistic.shape), reshape(rstd, statistic.shape)] as DeviceTensor[];
  });
}

/** (dx, dgain, dbias), dx added to `sum` if there is one. */
function layerNormBackward(
  saved: readonly DeviceTensor[],
  dy: DeviceTensor,
  sum: DeviceTensor | undefined,
): Tensor[] {
  const [x, gain, mu, rstd] = saved;
  const fused = fusedBackward('layerNormBackward', [...saved, dy], [gain, gain], sum);
  if (fused) return fused;
  const column = [...x.shape.slice(0, -1), 1];
  const r = reshape(rstd, column);
  const normalised = mul(sub(x, reshape(mu, column)), r);
  const g = mul(dy, gain);
  const along = mul(normalised, mean(mul(g, normalised), LAST));
  const dx = mul(r, sub(sub(g, mean(g, LAST)), along));
  return [dx, overRows(mul(dy, normalised)), overRows(dy)];
}

/**
 * x / sqrt(mean(x²) + epsilon) gain over the last axis (Zhang & Sennrich 2019).
 * x: [..., D], gain: [D]; epsilon default 1e-6.
 */
export function rmsNorm(
  input: Tensor,
  gainInput: Tensor,
  { epsilon = 1e-6 }: NormOptions = {},
): Tensor {
  const inputs = normInputs('rmsNorm', input, [gainInput], epsilon);
  const [x, gain] = inputs;
  const [y, rstd] = rmsNormForward(inputs, epsilon);
  return track('rmsNorm', y, inputs, (_, save) => {
    const saved = [x, gain, rstd].map(save);
    return (dy, [sum]) => rmsNormBackward(saved, dy as DeviceTensor, sum);
  });
}

function rmsNormForward(inputs: readonly DeviceTensor[], epsilon: number): DeviceTensor[] {
  const x = inputs[0];
  const op: FusedOp = { kind: 'rmsNorm', epsilon };
  const statistic = perRow(x);
  if (x.backend.supports(op, x.dtype)) return runAll(op, inputs, [x, statistic]);
  return scoped(() => {
    const [a, gain] = inputs.map((t) => viewOf(t));
    const rstd = rsqrt(add(mean(square(a), LAST), epsilon));
    return [mul(mul(a, rstd), gain), reshape(rstd, statistic.shape)] as DeviceTensor[];
  });
}

/** (dx, dgain), dx added to `sum` if there is one. */
function rmsNormBackward(
  saved: readonly DeviceTensor[],
  dy: DeviceTensor,
  sum: DeviceTensor | undefined,
): Tensor[] {
  const [x, gain, rstd] = saved;
  const fused = fusedBackward('rmsNormBackward', [...saved, dy], [gain], sum);
  if (fused) return fused;
  const r = reshape(rstd, [...x.shape.slice(0, -1), 1]);
  const normalised = mul(x, r);
  const g = mul(dy, gain);
  const dx = mul(r, sub(g, mul(normalised, mean(mul(g, normalised), LAST))));
  return [dx, overRows(mul(dy, normalised))];
}

/** The backward operation, in place of `sum` where the backend can do that. */
function fusedBackward(
  kind: 'layerNormBackward' | 'rmsNormBackward',
  inputs: readonly DeviceTensor[],
  weights: readonly DeviceTensor[],
  sum: DeviceTensor | undefined,
): Tensor[] | undefined {
  const [x] = inputs;
  const inPlace: FusedOp = { kind, accumulate: true };
  if (sum && x.backend.supports(inPlace, x.dtype)) {
    const dweights = weights.map(({ backend, shape, dtype }) => allocate(backend, shape, dtype));
    runInto(inPlace, [...inputs, sum], [sum, ...dweights]);
    return [sum, ...dweights];
  }
  const op: FusedOp = { kind };
  return x.backend.supports(op, x.dtype) ? runAll(op, inputs, [x, ...weights]) : undefined;
}

function perRow(x: DeviceTensor): Spec {
  return { shape: x.shape.slice(0, -1), dtype: 'f32' };
}

/** The sum over all axes but the last. */
function overRows(x: Tensor): Tensor {
  return sum(x, { axes: x.shape.slice(0, -1).map((_, i) => i) });
}

function normInputs(
  op: string,
  input: Tensor,
  weights: readonly Tensor[],
  epsilon: number,
): DeviceTensor[] {
  const all = [input, ...weights].map((x) => floating(x, op));
  backendOf(op, all);
  sameDType(op, all);
  const width = all[0].shape.at(-1);
  const fits = (shape: Shape): boolean => shape.length === 1 && shape[0] === width;
  if (!width || !all.slice(1).every((w) => fits(w.shape))) {
    throw wrongShape(op, all, 'x [..., D] with D > 0 needs weights [D]');
  }
  if (!(epsilon > 0)) {
    throw new HeddleError(
      'invalid-argument',
      `${op}: epsilon must be positive, given ${epsilon}.`,
      {
        argument: 'epsilon',
        given: String(epsilon),
      },
    );
  }
  return all;
}
