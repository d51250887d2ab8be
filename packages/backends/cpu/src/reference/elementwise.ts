import { type BinaryKind, broadcastStrides, type CompareKind, type UnaryKind } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import { isBf16, round, widened } from './bf16.js';
import { erf } from './erf.js';
import { forEachRow } from './rows.js';

function unary(f: (x: number) => number) {
  return (_op: unknown, [x]: readonly Operand[], [y]: readonly Operand[]): void => {
    const from = x.data;
    const to = y.data;
    for (let i = 0; i < to.length; i++) to[i] = f(from[i]);
  };
}

function binary(f: (a: number, b: number) => number, integer = f) {
  return (_op: unknown, [a, b]: readonly Operand[], [c]: readonly Operand[]): void => {
    const apply = a.data instanceof Int32Array ? integer : f;
    const left = a.data;
    const right = b.data;
    const to = c.data;
    const strides = [a, b, c].map((operand) => broadcastStrides(operand.shape, c.shape));
    const [stepA, stepB] = strides.map((s) => s.at(-1) ?? 0);
    forEachRow(c.shape, strides, (length, [atA, atB, atC]) => {
      for (let i = 0; i < length; i++)
        to[atC + i] = apply(left[atA + i * stepA], right[atB + i * stepB]);
    });
  };
}

/** Saturates as WebAssembly's `trunc_sat` does: NaN gives 0, what is out of range the nearest limit. */
function toInt32(x: number): number {
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), -0x80000000), 0x7fffffff);
}

/** Results are computed in doubles and rounded once, when stored. Integers wrap; i32 division truncates, x / 0 is 0. */
export const elementwise: Kernels<UnaryKind | BinaryKind | CompareKind | 'select' | 'cast'> = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  erf: unary(erf),
  floor: unary(Math.floor),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b, Math.imul),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  pow: binary((a, b) => (a === 1 ? 1 : a ** b)),
  equal: binary((a, b) => (a === b ? 1 : 0)),
  less: binary((a, b) => (a < b ? 1 : 0)),

  select(_op, [condition, a, b], [c]) {
    const test = condition.data;
    const left = a.data;
    const right = b.data;
    const to = c.data;
    const strides = [condition, a, b, c].map((o) => broadcastStrides(o.shape, c.shape));
    const [stepT, stepA, stepB] = strides.map((s) => s.at(-1) ?? 0);
    forEachRow(c.shape, strides, (length, [atT, atA, atB, atC]) => {
      for (let i = 0; i < length; i++)
        to[atC + i] = test[atT + i * stepT] !== 0 ? left[atA + i * stepA] : right[atB + i * stepB];
    });
  },

  cast(_op, [x], [y]) {
    const from = isBf16(x.data) ? widened(x.data) : x.data;
    if (isBf16(y.data)) {
      round(Float32Array.from(from), y.data);
      return;
    }
    const to = y.data;
    const truncate = from instanceof Float32Array && to instanceof Int32Array;
    for (let i = 0; i < to.length; i++) to[i] = truncate ? toInt32(from[i]) : from[i];
  },
};
