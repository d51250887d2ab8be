import { type Backend, type DType, PRIMITIVES } from '@heddle/core';
import type { Case, CaseGroup, Float } from './cases/case.js';

const PRIMITIVE = new Set<string>(PRIMITIVES);

export const isPrimitive = (kind: string): boolean => PRIMITIVE.has(kind);

/**
 * The cases of a group that the backend has to get right: every f32 primitive, and whatever else
 * it claims, of the dtypes it lists.
 */
export function runnable(backend: Backend, group: CaseGroup, f: Float): readonly Case[] {
  const listed = (dtype: DType): boolean => backend.dtypes.includes(dtype);
  if (!listed(f)) return [];
  return group.cases(f).filter(({ op, inputs, outputs }) => {
    const operands = [...inputs, ...outputs];
    if (!operands.every((x) => listed(x.dtype))) return false;
    if (f === 'bf16' && !operands.some((x) => x.dtype === f)) return false;
    return (f === 'f32' && isPrimitive(op.kind)) || backend.supports(op, f);
  });
}
