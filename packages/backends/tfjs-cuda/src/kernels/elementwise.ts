import type { BinaryKind, CompareKind, UnaryKind } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import { dataType, type Kernels } from '../kernel.js';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const unary =
  (f: Unary) =>
  (_op: unknown, [x]: readonly tf.Tensor[]): tf.Tensor =>
    f(x);

const binary =
  (f: Binary, integer = f) =>
  (_op: unknown, [a, b]: readonly tf.Tensor[]): tf.Tensor =>
    a.dtype === 'int32' ? integer(a, b) : f(a, b);

const zero = (): tf.Scalar => tf.scalar(0, 'int32');
const negative = (x: tf.Tensor): tf.Tensor => tf.cast(tf.less(x, zero()), 'int32');

/** tfjs divides integers toward minus infinity: one more where the signs differ and a rest is left. */
function truncatedQuotient(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const quotient = tf.floorDiv(a, b);
  const rest = tf.cast(tf.notEqual(a, tf.mul(quotient, b)), 'int32');
  const signsDiffer = tf.abs(tf.sub(negative(a), negative(b)));
  return tf.add(quotient, tf.mul(rest, signsDiffer));
}

export const elementwise: Kernels<UnaryKind | BinaryKind | CompareKind | 'select' | 'cast'> = {
  neg: unary(tf.neg),
  abs: unary(tf.abs),
  sign: unary((x) => tf.where(tf.isNaN(x), x, tf.sign(x))),
  exp: unary(tf.exp),
  log: unary(tf.log),
  sqrt: unary(tf.sqrt),
  rsqrt: unary(tf.rsqrt),
  sin: unary(tf.sin),
  cos: unary(tf.cos),
  tanh: unary(tf.tanh),
  erf: unary(tf.erf),
  floor: unary(tf.floor),

  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div, truncatedQuotient),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  pow: binary(tf.pow),
  equal: binary(tf.equal),
  less: binary(tf.less),

  select: (_op, [condition, a, b]) => tf.where(tf.notEqual(condition, zero()), a, b),
  cast: (_op, [x], [{ dtype }]) => tf.cast(x, dataType(dtype)),
};
