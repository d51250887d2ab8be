import { type FusedOp, sameShape, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { add, maximum, minimum, mul, sub } from '../ops/binary.js';
import { erf, exp, sigmoid, silu, square, tanh } from '../ops/unary.js';
import { backendOf, run, runAll } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, sameDType, viewOf, wrongShape } from '../tensor.js';

type Approximate = 'none' | 'tanh';

/**
 * GELU (Hendrycks & Gimpel 2016): x Phi(x) with the error function, or with `tanh` the approximation
 * 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) that GPT-2 uses.
 */
export function gelu(
  input: Tensor,
  { approximate = 'none' }: { readonly approximate?: Approximate } = {},
): Tensor {
  const x = floating(input, 'gelu');
  const op: FusedOp = { kind: 'gelu', approximate };
  const y = x.backend.supports(op, x.dtype)
    ? run(op, [x], x.shape)
    : scoped(() => geluComposed(viewOf(x), approximate) as DeviceTensor);
  return track('gelu', y, [x], (_, save) => {
    const a = save(x);
    return (dy) => [geluBackward(a, dy as DeviceTensor, approximate)];
  });
}

function geluBackward(x: DeviceTensor, dy: DeviceTensor, approximate: Approximate): Tensor {
  const op: FusedOp = { kind: 'geluBackward', approximate };
  if (x.backend.supports(op, x.dtype)) return run(op, [x, dy], x.shape);
  return mul(dy, approximate === 'tanh' ? tanhSlope(x) : erfSlope(x));
}

function geluComposed(x: Tensor, approximate: Approximate): Tensor {
  const inner = approximate === 'tanh' ? tanh(tanhArgument(clamped(x))) : erf(mul(x, Math.SQRT1_2));
  return mul(mul(x, 0.5), add(1, inner));
}

/** Phi(x) + x phi(x). */
function erfSlope(x: Tensor): Tensor {
  const cumulative = mul(0.5, add(1, erf(mul(x, Math.SQRT1_2))));
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cumulative, mul(x, density));
}

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** tanh is 1 in f32 long before 20, and from there x^3 may overflow. */
function clamped(x: Tensor): Tensor {
  return minimum(maximum(x, -20), 20);
}

/** sqrt(2/pi) (x + 0.044715 x^3). */
function tanhArgument(x: Tensor): Tensor {
  return mul(mul(x, ROOT), add(1, mul(square(x), CUBIC)));
}

/** 0.5 (1 + t) + 0.5 x (1 - t^2) sqrt(2/pi) (1 + 3 · 0.044715 x^2). */
function tanhSlope(input: Tensor): Tensor {
  const x = clamped(input);
  const t = tanh(tanhArgument(x));
  const inner = mul(add(1, mul(square(x), 3 * CUBIC)), ROOT);
  return mul(0.5, add(add(1, t), mul(mul(x, sub(1, square(t))), inner)));
}

/** silu(gate) up (Shazeer 2020). Equal shapes. */
export function swiglu(gateInput: Tensor, upInput: Tensor): Tensor {
  const gate = floating(gateInput, 'swiglu');
  const up = floating(upInput, 'swiglu');
  const inputs = [gate, up];
  backendOf('swiglu', inputs);
  sameDType('swiglu', inputs);
  if (!sameShape(gate.shape, up.shape)) {
    throw wrongShape('swiglu', inputs, 'both must have the same shape');
  }
  const op: FusedOp = { kind: 'swiglu' };
  const y = gate.backend.supports(op, gate.dtype)
    ? run(op, inputs, gate.shape)
    : scoped(() => mul(silu(viewOf(gate)), viewOf(up)) as DeviceTensor);
  return track('swiglu', y, inputs, (_, save) => {
    const [g, u] = [save(gate), save(up)];
    return (dy) => swigluBackward(g, u, dy as DeviceTensor);
  });
}

function swigluBackward(gate: DeviceTensor, up: DeviceTensor, dy: DeviceTensor): Tensor[] {
  const op: FusedOp = { kind: 'swigluBackward' };
  if (gate.backend.supports(op, gate.dtype)) return runAll(op, [gate, up, dy], [gate, up]);
  const s = sigmoid(gate);
  const y = mul(gate, s); // silu
  const slope = add(s, mul(y, sub(1, s))); // s + x s (1 - s)
  return [mul(mul(dy, up), slope), mul(dy, y)];
}
