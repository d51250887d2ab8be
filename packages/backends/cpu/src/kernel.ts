import type { Op, OpKind, Shape, TypedArray } from '@heddle/core';

/** A view as kernels see it: row-major elements from index 0, and their shape. */
export interface Operand {
  readonly data: TypedArray;
  readonly shape: Shape;
}

/** The member of `Op` that has this kind. */
export type OpOf<K extends OpKind, O = Op> = O extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? O
    : never
  : never;

/** Runs one operation of a kind: reads `inputs`, fills `outputs`. */
export type Kernel<K extends OpKind> = (
  op: OpOf<K> & { readonly kind: K },
  inputs: readonly Operand[],
  outputs: readonly Operand[],
) => void;

/** A kernel for each of some kinds. */
export type Kernels<K extends OpKind = OpKind> = { readonly [Kind in K]: Kernel<Kind> };
