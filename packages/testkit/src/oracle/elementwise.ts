import type { BinaryKind, CompareKind, UnaryKind } from '@heddle/core';
import { broadcastElement, generate, type Spec, type Value } from './value.js';

/** The error function: 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!! (Abramowitz & Stegun 7.1.6). */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 300 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const UNARY: { readonly [K in UnaryKind]: (x: number) => number } = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  floor: Math.floor,
};

const BINARY: { readonly [K in BinaryKind]: (a: number, b: number) => number } = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max, // NaN if either is
  minimum: Math.min,
  pow: (a, b) => a ** b,
};

const COMPARE: { readonly [K in CompareKind]: (a: number, b: number) => boolean } = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
};

export function unary(kind: UnaryKind, x: Value, output: Spec): Value {
  const f = UNARY[kind];
  return generate(output, (_, i) => f(x.data[i]));
}

export function binary(kind: BinaryKind, a: Value, b: Value, output: Spec): Value {
  const f = BINARY[kind];
  const truncate = output.dtype === 'i32' && kind === 'div';
  return generate(output, (at) => {
    const y = f(broadcastElement(a, at), broadcastElement(b, at));
    return truncate ? Math.trunc(y) : y;
  });
}

export function compare(kind: CompareKind, a: Value, b: Value, output: Spec): Value {
  const f = COMPARE[kind];
  return generate(output, (at) => (f(broadcastElement(a, at), broadcastElement(b, at)) ? 1 : 0));
}

export function select(condition: Value, a: Value, b: Value, output: Spec): Value {
  return generate(output, (at) =>
    broadcastElement(broadcastElement(condition, at) !== 0 ? a : b, at),
  );
}

export function cast(x: Value, output: Spec): Value {
  return generate(output, (_, i) => (output.dtype === 'i32' ? Math.trunc(x.data[i]) : x.data[i]));
}
