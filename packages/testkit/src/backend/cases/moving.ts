import { type PrimitiveOp, type Shape, sizeOf } from '@heddle/core';
import type { Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  EXACT,
  type Float,
  integers,
  normal,
  replaced,
} from './case.js';

/** Layout operations take any dtype. */
export type Any = Float | 'i32';

export const exact: CaseOptions = { tolerance: EXACT };

export const numbers = (name: string, shape: Shape, dtype: Any): Value =>
  dtype === 'i32' ? integers(name, shape, -99, 99) : normal(name, shape, dtype);

/** NaN and both infinities among the first elements. */
function wild(x: Value): Value {
  const odd = [Number.NaN, Infinity, -Infinity].slice(0, sizeOf(x.shape));
  return replaced(x, Object.fromEntries(odd.map((value, i) => [(2 * i) % sizeOf(x.shape), value])));
}

/** The groups of an operation that only moves elements, from lists made for a dtype. */
export function moving(
  kind: PrimitiveOp['kind'],
  values: (dtype: Any) => Case[],
  edges: (dtype: Any) => Case[],
): CaseGroup[] {
  return [
    { kind, aspect: 'values', cases: values },
    { kind, aspect: 'edge shapes', cases: edges },
    { kind, aspect: 'i32', cases: () => [...values('i32'), ...edges('i32')] },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) =>
        values(f).map((one) => ({
          ...one,
          inputs: one.inputs.map((x) => (x.dtype === f ? wild(x) : x)),
        })),
    },
  ];
}
