import {
  type Backend,
  type Op,
  PRIMITIVES,
  type PrimitiveOp,
  type TypedArray,
  valueBackend,
} from '@heddle/core';
import { compute } from './compute.js';

/**
 * A backend whose values are typed arrays of this process, in f32 and i32. It runs the primitives; what it does
 * not claim in `supports`, `@heddle/tensor` composes out of them. `valueBackend` owns buffers, order and errors.
 */
export function typedArrays(): Backend {
  return valueBackend<TypedArray>({
    name: 'part-name',
    dtypes: ['f32', 'i32'],
    upload: (data) => data,
    download: (value) => value.slice(),
    dispose: () => {}, // the garbage collector's work; a device gives the memory back here
    supports: (op, dtype) => isPrimitive(op) && dtype !== 'bf16',
    run: (op, inputs, [output]) => (isPrimitive(op) ? [compute(op, inputs, output)] : []),
  });
}

function isPrimitive(op: Op): op is PrimitiveOp {
  return (PRIMITIVES as readonly string[]).includes(op.kind);
}
