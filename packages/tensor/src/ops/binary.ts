import type { BinaryKind, Tensor } from '@heddle/core';
import { type Save, track } from '../graph.js';
import { backendOf, run } from '../run.js';
import { broadcastOf } from '../shapes.js';
import type { DeviceTensor } from '../tensor.js';
import { reduceTo } from './broadcast.js';
import { equal, less, select } from './compare.js';
import { type Operand, operands } from './operand.js';
import { log, neg } from './unary.js';

type Gradients = readonly [Tensor | undefined, Tensor | undefined];

/** The gradients of both operands in the shape of the result; they are summed to the operands' shapes here. */
type Derivative = (
  needs: readonly boolean[],
  save: Save,
  a: DeviceTensor,
  b: DeviceTensor,
  c: DeviceTensor,
) => (dc: Tensor) => Gradients;

function binary(kind: BinaryKind, left: Operand, right: Operand, derivative: Derivative): Tensor {
  const [a, b] = operands(kind, [left, right]);
  backendOf(kind, [a, b]);
  const c = run({ kind }, [a, b], broadcastOf(kind, [a, b]));
  return track(kind, c, [a, b], (needs, save) => {
    const backward = derivative(needs, save, a, b, c);
    const shapes = [a.shape, b.shape];
    return (dc) => backward(dc).map((g, i) => (g && needs[i] ? reduceTo(g, shapes[i]) : undefined));
  });
}

/** a + b, with NumPy broadcasting, as all of these. */
export function add(a: Operand, b: Operand): Tensor {
  return binary('add', a, b, () => (dc) => [dc, dc]);
}

/** a - b. */
export function sub(a: Operand, b: Operand): Tensor {
  return binary('sub', a, b, (needs) => (dc) => [dc, needs[1] ? neg(dc) : undefined]);
}

/** a b. */
export function mul(a: Operand, b: Operand): Tensor {
  return binary('mul', a, b, (needs, save, x, y) => {
    const savedX = needs[1] ? save(x) : undefined;
    const savedY = needs[0] ? save(y) : undefined;
    return (dc) => [savedY && mul(dc, savedY), savedX && mul(dc, savedX)];
  });
}

/** a / b. */
export function div(a: Operand, b: Operand): Tensor {
  return binary('div', a, b, (needs, save, _, divisor, quotient) => {
    const y = save(divisor);
    const c = needs[1] ? save(quotient) : undefined;
    return (dc) => {
      const dx = div(dc, y);
      return [dx, c && neg(mul(dx, c))]; // d(a/b)/db = -(a/b) / b
    };
  });
}

/** The larger one; equal ones share the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return binary('maximum', a, b, (_, save, x, y) => chosen(save(y), save(x)));
}

/** The smaller one; equal ones share the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return binary('minimum', a, b, (_, save, x, y) => chosen(save(x), save(y)));
}

/** The first operand gets the gradient where `low` < `high`, the second where `high` < `low`. */
function chosen(low: Tensor, high: Tensor): (dc: Tensor) => Gradients {
  return (dc) => {
    const shared = select(equal(low, high), mul(dc, 0.5), 0);
    return [select(less(low, high), dc, shared), select(less(high, low), dc, shared)];
  };
}

/** a^b; the gradient of b is 0 where a is 0. */
export function pow(a: Operand, b: Operand): Tensor {
  return binary('pow', a, b, (needs, save, base, exponent, power) => {
    const x = save(base);
    const y = save(exponent);
    const c = needs[1] ? save(power) : undefined;
    return (dc) => {
      const slope = mul(y, pow(x, sub(y, 1))); // b a^(b-1)
      const dx = needs[0] ? mul(dc, select(equal(y, 0), 0, slope)) : undefined;
      const dy = c && mul(dc, select(equal(x, 0), 0, mul(c, log(x)))); // a^b ln a
      return [dx, dy];
    };
  });
}
