import type { DType, Op, OpKind, Shape } from '@heddle/core';
import { fold, randomNormal, randomUniform, rngKey, sizeOf } from '@heddle/core';
import { oracle } from '../../oracle/oracle.js';
import { rounded, type Spec, type Value } from '../../oracle/value.js';

/** The floating dtypes that a case can be made for. */
export type Float = 'f32' | 'bf16';

/** How far |got - expected| may be: relative * |expected| + absolute. Zero means the same bits. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** One call of `run` whose result is known. Inputs that are the same object share a buffer. */
export interface Case {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Spec[];
  readonly tolerance: Tolerance;
  /** For each output the number of the input that it overwrites. */
  readonly inPlace?: readonly (number | undefined)[];
  /** Elements that the contract leaves open. */
  readonly unspecified?: (output: number, element: number) => boolean;
}

/** The cases of one test: an operation under one aspect. */
export interface CaseGroup {
  readonly kind: OpKind;
  readonly aspect: string;
  /** `f`: the dtype of floating operands. */
  cases(f: Float): readonly Case[];
}

const EPSILON = 2 ** -23;

export const EXACT: Tolerance = { relative: 0, absolute: 0 };
/** One correctly rounded operation; subnormal results may be flushed. */
export const ROUNDED: Tolerance = { relative: EPSILON, absolute: 2 ** -126 };
/** A few units in the last place. */
export const ULPS: Tolerance = { relative: 4 * EPSILON, absolute: 2 ** -126 };
/** Transcendental functions. */
export const CLOSE: Tolerance = { relative: 1e-5, absolute: 1e-6 };

/** Sums of `terms` products of about `magnitude`, in any order, in f32. */
export function summed(terms: number, magnitude = 1): Tolerance {
  return { relative: 1e-5, absolute: (4 * terms * EPSILON + 1e-6) * magnitude };
}

/** Products of `terms` numbers of which the factors may be rounded to bf16 first. */
export function roundedProduct(terms: number, magnitude = 1): Tolerance {
  return { relative: 2 ** -7, absolute: 4 * Math.sqrt(terms + 1) * 2 ** -8 * magnitude };
}

export interface CaseOptions {
  readonly name?: string;
  readonly tolerance?: Tolerance;
  readonly inPlace?: Case['inPlace'];
  readonly unspecified?: Case['unspecified'];
}

/** A case named for its shapes. */
export function make(
  op: Op,
  inputs: readonly Value[],
  outputs: readonly Spec[],
  options: CaseOptions = {},
): Case {
  const shapes = inputs.map((x) => `${x.dtype}[${x.shape.join(', ')}]`).join(' ');
  const results = outputs.map((x) => `${x.dtype}[${x.shape.join(', ')}]`).join(' ');
  const flags = Object.entries(op)
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => ` ${key}=${JSON.stringify(value) ?? String(value)}`)
    .join('');
  const note = options.name === undefined ? '' : ` (${options.name})`;
  return {
    op,
    inputs,
    outputs,
    tolerance: options.tolerance ?? CLOSE,
    name: `${op.kind}${flags}: ${shapes} -> ${results}${note}`,
    ...(options.inPlace && { inPlace: options.inPlace }),
    ...(options.unspecified && { unspecified: options.unspecified }),
  };
}

/** The key of the operands called `name`. */
const keyOf = (name: string, shape: Shape) => fold(fold(rngKey(20), name), shape.join());

/** A value whose numbers are made when they are first looked at: most tests look at few cases. */
export function lazy(shape: Shape, dtype: DType, numbers: () => Float64Array): Value {
  let data: Float64Array | undefined;
  return {
    shape,
    dtype,
    get data(): Float64Array {
      data ??= rounded({ shape, dtype, data: numbers() }).data;
      return data;
    },
  };
}

/** What the oracle gives for a case, rounded: operands of its backward operation. */
export function resultsOf({ op, inputs, outputs }: Case): Value[] {
  let results: Value[] | undefined;
  return outputs.map(({ shape, dtype }, i) =>
    lazy(shape, dtype, () => {
      results ??= oracle(op, inputs, outputs);
      return results[i].data;
    }),
  );
}

/** Standard normal numbers, `spread` wide, around `center`. */
export function normal(
  name: string,
  shape: Shape,
  dtype: Float = 'f32',
  spread = 1,
  center = 0,
): Value {
  return lazy(shape, dtype, () => {
    const data = randomNormal(keyOf(name, shape), sizeOf(shape));
    return Float64Array.from(data, (x) => x * spread + center);
  });
}

/** Uniform numbers in [low, high). */
export function uniform(
  name: string,
  shape: Shape,
  dtype: Float,
  low: number,
  high: number,
): Value {
  return lazy(shape, dtype, () => {
    const data = randomUniform(keyOf(name, shape), sizeOf(shape));
    return Float64Array.from(data, (x) => low + x * (high - low));
  });
}

/** Whole numbers in [low, high). */
export function integers(
  name: string,
  shape: Shape,
  low: number,
  high: number,
  dtype: DType = 'i32',
): Value {
  return lazy(shape, dtype, () => {
    const data = randomUniform(keyOf(name, shape), sizeOf(shape));
    return Float64Array.from(data, (x) => low + Math.floor(x * (high - low)));
  });
}

/** Given numbers. */
export function given(shape: Shape, dtype: DType, numbers: readonly number[]): Value {
  return rounded({ shape, dtype, data: Float64Array.from(numbers) });
}

/** A copy of `x` with some elements replaced. */
export function replaced(x: Value, at: Readonly<Record<number, number>>): Value {
  return lazy(x.shape, x.dtype, () => {
    const data = x.data.slice();
    for (const [index, value] of Object.entries(at)) data[Number(index)] = value;
    return data;
  });
}

export const spec = (shape: Shape, dtype: DType = 'f32'): Spec => ({ shape, dtype });
