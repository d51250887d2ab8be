import type { Awaitable, Op, OpKind, ValueOperand, ValueSpec } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';

export type Operand = ValueOperand<DeviceArray>;

/** The member of `Op` that has this kind. */
type OpOf<K extends OpKind, O = Op> = O extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? O
    : never
  : never;

/** Computes the outputs of one operation of a kind. */
export type Compute<K extends OpKind> = (
  device: Device,
  op: OpOf<K> & { readonly kind: K },
  inputs: readonly Operand[],
  outputs: readonly ValueSpec[],
) => Awaitable<DeviceArray | readonly DeviceArray[]>;

/** How some kinds of operations are computed. */
export type Computes<K extends OpKind> = { readonly [Kind in K]: Compute<Kind> };
