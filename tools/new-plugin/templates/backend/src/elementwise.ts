import {
  type BinaryKind,
  type CompareKind,
  hostArray,
  type PrimitiveOp,
  sizeOf,
  type TypedArray,
  type UnaryKind,
  type ValueSpec,
} from '@heddle/core';
import type { Operand } from './compute.js';
import { erf } from './erf.js';
import { broadcastStrides, offsets } from './strides.js';

type Kind = UnaryKind | BinaryKind | CompareKind | 'select' | 'cast' | 'broadcast';

/** What happens to the elements at one place; storing a number in the result rounds it to its dtype. */
const FORMULAS: { readonly [K in Kind]: (a: number, b: number, c: number) => number } = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  floor: Math.floor,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: power,
  maximum: (a, b) => Math.max(a, b),
  minimum: (a, b) => Math.min(a, b),
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  select: (condition, a, b) => (condition !== 0 ? a : b),
  cast: (a) => a,
  broadcast: (a) => a,
};

export function isElementwise(op: PrimitiveOp): op is Extract<PrimitiveOp, { kind: Kind }> {
  return Object.hasOwn(FORMULAS, op.kind);
}

/** Applies the formula of `kind` at every place of the result, to which all inputs are broadcast. */
export function elementwise(kind: Kind, inputs: readonly Operand[], out: ValueSpec): TypedArray {
  const formula = FORMULAS[kind];
  const result = hostArray(out.dtype, sizeOf(out.shape));
  const read = inputs.map(({ value, shape }) => {
    const at = offsets(out.shape, broadcastStrides(shape, out.shape));
    return (i: number): number => value[at[i]];
  });
  const [a, b = a, c = a] = read;
  for (let i = 0; i < result.length; i++) result[i] = formula(a(i), b(i), c(i));
  return result;
}

/** C's pow, which differs from JavaScript's where the base is 1 or -1. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}
