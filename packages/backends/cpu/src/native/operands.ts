import { type DType, HeddleError, sizeOf, type TypedArray } from '@heddle/core';
import type { Operand } from '../kernel.js';

/*
 * koffi hands over addresses and checks nothing, so everything that reaches C goes through these:
 * they return the array, or throw where its type or length is not what the kernel will touch.
 */

function mismatch(op: string, operand: Operand, wanted: number): never {
  throw new HeddleError(
    'shape-mismatch',
    `cpu: ${op} needs ${wanted} elements, got shape [${operand.shape.join(', ')}] on ${operand.data.length}.`,
    { op, shapes: [operand.shape, [wanted]] },
  );
}

function check(op: string, operand: Operand, size: number): void {
  if (operand.data.length !== size || sizeOf(operand.shape) !== size) mismatch(op, operand, size);
}

/** The operand's f32 elements, of which there must be `size`. */
export function floats(op: string, operand: Operand, size: number): Float32Array {
  check(op, operand, size);
  return operand.data instanceof Float32Array ? operand.data : wrongType(op, operand, 'f32');
}

/** The operand's f32 or bf16 elements, of which there must be `size`. */
export function weights(op: string, operand: Operand, size: number): Float32Array | Uint16Array {
  check(op, operand, size);
  return operand.data instanceof Int32Array ? wrongType(op, operand, 'f32') : operand.data;
}

/** The operand's elements of any dtype, of which there must be `size`. */
export function elements(op: string, operand: Operand, size: number): TypedArray {
  check(op, operand, size);
  return operand.data;
}

/** The operand's i32 elements, of which there must be `size`. */
export function integers(op: string, operand: Operand, size: number): Int32Array {
  check(op, operand, size);
  return operand.data instanceof Int32Array ? operand.data : wrongType(op, operand, 'i32');
}

function dtypeOf({ data }: Operand): DType {
  if (data instanceof Float32Array) return 'f32';
  return data instanceof Int32Array ? 'i32' : 'bf16';
}

function wrongType(op: string, operand: Operand, wanted: DType): never {
  const given = dtypeOf(operand);
  throw new HeddleError('dtype-mismatch', `cpu: ${op} needs ${wanted} here, got ${given}.`, {
    op,
    dtypes: [wanted, given],
  });
}

/** The operand's elements of either 4-byte type, of which there must be `size`. */
export function words(op: string, operand: Operand, size: number): Float32Array | Int32Array {
  check(op, operand, size);
  return operand.data instanceof Int32Array ? operand.data : floats(op, operand, size);
}

/** Throws unless all operands have the dtype of the first. */
export function sameType(op: string, operands: readonly Operand[]): void {
  const first = operands[0].data.constructor;
  const other = operands.find((operand) => operand.data.constructor !== first);
  if (other === undefined) return;
  throw new HeddleError('dtype-mismatch', `cpu: ${op} needs operands of one dtype.`, {
    op,
    dtypes: operands.map(dtypeOf),
  });
}
