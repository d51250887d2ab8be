import {
  hostArray,
  type PrimitiveOp,
  randomUniform,
  sizeOf,
  type TypedArray,
  type ValueOperand,
  type ValueSpec,
} from '@heddle/core';
import { elementwise, isElementwise } from './elementwise.js';
import { concat, pad, permute, slice, updateSlice } from './layout.js';
import { matmul } from './matmul.js';
import { argMax, reduceMax, reduceSum } from './reduce.js';
import { gather, scatterAdd } from './rows.js';

/** An input: a typed array seen with a shape. */
export type Operand = ValueOperand<TypedArray>;

/** Runs one primitive, and gives its result in a new array. What each computes stands in `op.ts` of `@heddle/core`. */
export function compute(op: PrimitiveOp, inputs: readonly Operand[], out: ValueSpec): TypedArray {
  if (isElementwise(op)) return elementwise(op.kind, inputs, out);
  const [a, b, c] = inputs;
  const size = sizeOf(out.shape);
  switch (op.kind) {
    case 'matmul':
      return matmul(a, b, out.shape, op);
    case 'reduceSum':
      return reduceSum(a, out);
    case 'reduceMax':
      return reduceMax(a, out);
    case 'argMax':
      return argMax(a, size);
    case 'permute':
      return permute(a, op.axes, out);
    case 'slice':
      return slice(a, op.start, out);
    case 'pad':
      return pad(a, op.before, op.value, out);
    case 'concat':
      return concat(inputs, op.axis, out);
    case 'updateSlice':
      return updateSlice(a, b, op.start);
    case 'gather':
      return gather(a, b, out);
    case 'scatterAdd':
      return scatterAdd(a, b, c);
    case 'fill':
      return hostArray(out.dtype, size).fill(op.value);
    case 'iota':
      return Int32Array.from({ length: size }, (_, i) => i);
    case 'randomUniform':
      return randomUniform(op.key, size);
  }
}
