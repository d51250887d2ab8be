import { type BinaryKind, type CompareKind, stridesOf, type UnaryKind } from '@heddle/core';
import { copy, map } from './map.js';
import type { Compute, Computes } from './operation.js';
import { whole } from './whole.js';

const UNARY: { readonly [K in UnaryKind]: (x: string) => string } = {
  neg: (x) => `-${x}`,
  abs: (x) => `Math.abs(${x})`,
  sign: (x) => `signOf(${x})`,
  exp: (x) => `expOf(${x})`,
  log: (x) => `logOf(${x})`,
  sqrt: (x) => `Math.sqrt(${x})`,
  rsqrt: (x) => `1 / Math.sqrt(${x})`,
  sin: (x) => `sinOf(${x})`,
  cos: (x) => `cosOf(${x})`,
  tanh: (x) => `tanhOf(${x})`,
  erf: (x) => `erfOf(${x})`,
  floor: (x) => `Math.floor(${x})`,
};

type Pair = (a: string, b: string) => string;

const BINARY: { readonly [K in BinaryKind]: Pair } = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  maximum: (a, b) => `maximumOf(${a}, ${b})`,
  minimum: (a, b) => `minimumOf(${a}, ${b})`,
  pow: (a, b) => `powerOf(${a}, ${b})`,
};

const WHOLE: { readonly [K in BinaryKind]: Pair } = {
  ...BINARY,
  div: (a, b) => `wholeQuotientOf(${a}, ${b})`,
  pow: (a, b) => `wholePowerOf(${a}, ${b})`,
};

/** What makes larger numbers out of smaller ones. */
const GROWING: readonly BinaryKind[] = ['add', 'sub', 'mul', 'pow'];

const COMPARE: { readonly [K in CompareKind]: Pair } = {
  equal: (a, b) => `${a} <= ${b} && ${a} >= ${b}`,
  less: (a, b) => `${a} < ${b}`,
};

function unary<K extends UnaryKind>(kind: K): Compute<UnaryKind> {
  return (device, _, [x], [y]) => map(device, y.shape, [x], ([v]) => `return ${UNARY[kind](v)};`);
}

function binary<K extends BinaryKind>(kind: K): Compute<BinaryKind> {
  return (device, _, inputs, [y]) =>
    map(device, y.shape, inputs, ([a, b], program) => {
      if (y.dtype === 'f32') return `return ${BINARY[kind](a, b)};`;
      const result = WHOLE[kind](a, b);
      return GROWING.includes(kind) ? whole(result, program) : `return ${result};`;
    });
}

function compare<K extends CompareKind>(kind: K): Compute<CompareKind> {
  return (device, _, inputs, [y]) =>
    map(
      device,
      y.shape,
      inputs,
      ([a, b]) => `if (${COMPARE[kind](a, b)}) { return 1; }\nreturn 0;`,
    );
}

export const elementwise: Computes<UnaryKind | BinaryKind | CompareKind | 'select' | 'cast'> = {
  neg: unary('neg'),
  abs: unary('abs'),
  sign: unary('sign'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  rsqrt: unary('rsqrt'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  erf: unary('erf'),
  floor: unary('floor'),
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  pow: binary('pow'),
  equal: compare('equal'),
  less: compare('less'),
  select: (device, _, inputs, [y]) =>
    map(
      device,
      y.shape,
      inputs,
      ([c, a, b]) => `if (${c} > 0 || ${c} < 0) { return ${a}; }\nreturn ${b};`,
    ),
  cast: (device, _, [x], [y]) =>
    x.dtype === 'f32' && y.dtype === 'i32'
      ? map(device, y.shape, [x], ([v], program) => whole(`Math.trunc(${v})`, program))
      : copy(device, y.shape, { value: x.value, strides: stridesOf(y.shape) }),
};
