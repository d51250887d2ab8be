import type { DType, Tensor, UnaryKind } from '@heddle/core';
import { type Save, track } from '../graph.js';
import { run } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, device, floating, viewOf } from '../tensor.js';
import { add, div, maximum, mul, sub } from './binary.js';
import { less, select } from './compare.js';

/** What a unary operation keeps, and dx of dy; no gradient at all if it returns undefined. */
type Derivative = (
  save: Save,
  x: DeviceTensor,
  y: DeviceTensor,
) => (dy: Tensor) => Tensor | undefined;

function unary(kind: UnaryKind, input: Tensor, derivative: Derivative): Tensor {
  const x = floating(input, kind);
  const y = run({ kind }, [x], x.shape);
  return track(kind, y, [x], (_, save) => {
    const backward = derivative(save, x, y);
    return (dy) => [backward(dy)];
  });
}

const FLAT: Derivative = () => () => undefined;

/** -x. */
export function neg(x: Tensor): Tensor {
  return unary('neg', x, () => (dy) => neg(dy));
}

/** |x|; its derivative at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return unary('abs', x, (save, input) => {
    const a = save(input);
    return (dy) => mul(dy, sign(a));
  });
}

/** -1, 0 or 1; the derivative is 0. */
export function sign(x: Tensor): Tensor {
  return unary('sign', x, FLAT);
}

/** e^x. */
export function exp(x: Tensor): Tensor {
  return unary('exp', x, (save, _, output) => {
    const y = save(output);
    return (dy) => mul(dy, y);
  });
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return unary('log', x, (save, input) => {
    const a = save(input);
    return (dy) => div(dy, a);
  });
}

/** Square root. */
export function sqrt(x: Tensor): Tensor {
  return unary('sqrt', x, (save, _, output) => {
    const y = save(output);
    return (dy) => div(mul(dy, 0.5), y);
  });
}

/** 1 / sqrt(x). */
export function rsqrt(x: Tensor): Tensor {
  return unary('rsqrt', x, (save, _, output) => {
    const y = save(output);
    return (dy) => mul(mul(dy, -0.5), mul(y, mul(y, y))); // d x^(-1/2) = -1/2 x^(-3/2)
  });
}

/** Sine of radians. */
export function sin(x: Tensor): Tensor {
  return unary('sin', x, (save, input) => {
    const a = save(input);
    return (dy) => mul(dy, cos(a));
  });
}

/** Cosine of radians. */
export function cos(x: Tensor): Tensor {
  return unary('cos', x, (save, input) => {
    const a = save(input);
    return (dy) => neg(mul(dy, sin(a)));
  });
}

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return unary('tanh', x, (save, _, output) => {
    const y = save(output);
    return (dy) => mul(dy, sub(1, mul(y, y)));
  });
}

/** The error function. */
export function erf(x: Tensor): Tensor {
  return unary('erf', x, (save, input) => {
    const a = save(input);
    return (dy) => mul(dy, mul(exp(neg(mul(a, a))), 2 / Math.sqrt(Math.PI)));
  });
}

/** The largest integer not above x; the derivative is 0. */
export function floor(x: Tensor): Tensor {
  return unary('floor', x, FLAT);
}

/** x². */
export function square(input: Tensor): Tensor {
  const x = floating(input, 'square');
  const y = run({ kind: 'mul' }, [x, x], x.shape);
  return track('square', y, [x], (_, save) => {
    const a = save(x);
    return (dy) => [mul(mul(dy, 2), a)];
  });
}

/** 1 / (1 + e^-x); also right where e^-x overflows. */
export function sigmoid(input: Tensor): Tensor {
  const x = floating(input, 'sigmoid');
  const y = scoped(() => div(1, add(1, exp(neg(detach(x))))) as DeviceTensor);
  return track('sigmoid', y, [x], (_, save) => {
    const s = save(y);
    return (dy) => [mul(dy, mul(s, sub(1, s)))];
  });
}

/** x sigmoid(x) (Hendrycks & Gimpel 2016; Elfwing et al. 2018). */
export function silu(input: Tensor): Tensor {
  const x = floating(input, 'silu');
  const y = scoped(() => mul(detach(x), sigmoid(detach(x))) as DeviceTensor);
  return track('silu', y, [x], (_, save) => {
    const a = save(x);
    return (dy) => {
      const s = sigmoid(a);
      return [mul(dy, mul(s, add(1, mul(a, sub(1, s)))))]; // s (1 + x (1 - s))
    };
  });
}

/** max(x, 0); its derivative at 0 is 0. */
export function relu(input: Tensor): Tensor {
  const x = floating(input, 'relu');
  const y = scoped(() => maximum(detach(x), 0) as DeviceTensor);
  return track('relu', y, [x], (_, save) => {
    const a = save(y);
    return (dy) => [select(less(0, a), dy, 0)];
  });
}

/**
 * x in another dtype; a new tensor also if it has it already. To i32 it truncates toward zero, and
 * nothing flows back.
 */
export function cast(input: Tensor, dtype: DType): Tensor {
  const x = device(input, 'cast');
  if (x.dtype === dtype) return aliasOf(x);
  const y = run({ kind: 'cast' }, [x], x.shape, dtype);
  if (dtype === 'i32') return y;
  return track('cast', y, [x], () => (dy) => [cast(dy, x.dtype)]);
}

/** x without its history: nothing flows back through it. */
export function detach(x: Tensor): Tensor {
  return viewOf(device(x, 'detach'));
}

/** A second handle on x, with its gradient. */
export function aliasOf(x: DeviceTensor): DeviceTensor {
  const alias = viewOf(x);
  alias.origin = x.origin;
  return alias;
}
