import type { DType, Op, OpKind, ValueOperand, ValueSpec } from '@heddle/core';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';

/** The member of `Op` that has this kind. */
export type OpOf<K extends OpKind, O = Op> = O extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? O
    : never
  : never;

/**
 * Computes one operation of a kind. Inputs have the shapes of their views. What it returns may have
 * another shape of the same size, and bool where i32 is due; what else it makes is disposed of after it.
 */
export type Kernel<K extends OpKind> = (
  op: OpOf<K> & { readonly kind: K },
  inputs: readonly Tensor[],
  outputs: readonly ValueSpec[],
) => Tensor | readonly Tensor[];

/** A kernel for each of some kinds. */
export type Kernels<K extends OpKind = OpKind> = { readonly [Kind in K]: Kernel<Kind> };

export type Operand = ValueOperand<Tensor>;

/** The name that tfjs has for a dtype. */
export const dataType = (dtype: DType): DataType => (dtype === 'i32' ? 'int32' : 'float32');
