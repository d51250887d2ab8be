import {
  type Backend,
  checkContract,
  type DType,
  HeddleError,
  hostArray,
  type Op,
  type RngKey,
  randomNormal,
  type Shape,
  sameShape,
  sizeOf,
  type Tensor,
  type TypedArray,
} from '@heddle/core';
import { allocate, runAll } from './run.js';
import { checkShape } from './shapes.js';
import type { DeviceTensor } from './tensor.js';

/** A number, or arrays of arrays of numbers, all rows of one length. */
export type NestedArray = number | readonly NestedArray[];

/**
 * A tensor with the given elements.
 *
 * @param data a number, nested arrays of numbers, or a typed array (row-major).
 * @param shape default: that of the nested arrays, or `[length]` of a typed array.
 * @param dtype default: that of the typed array; f32 for numbers.
 * @throws shape-mismatch if `data` has not as many elements as `shape`; dtype-mismatch for a dtype
 * that the backend lacks or a typed array of another type; invalid-argument for ragged arrays and
 * fractions as i32.
 */
export function tensor(
  backend: Backend,
  data: NestedArray | TypedArray,
  shape?: Shape,
  dtype?: DType,
): Tensor {
  const typed = ArrayBuffer.isView(data);
  const kind = dtype ?? (typed ? dtypeOf(data) : 'f32');
  const values = typed ? sameKind(data, kind) : hostValues(flatten(data), kind);
  const own = typed ? [values.length] : nestedShape(data);
  const target = shape ? checkShape('tensor', shape) : own;
  if (sizeOf(target) !== values.length) {
    throw new HeddleError(
      'shape-mismatch',
      `tensor: ${values.length} elements do not fill the shape [${target.join(', ')}].`,
      { op: 'tensor', shapes: [own, target] },
    );
  }
  checkBackend(backend, kind);
  const x = allocate(backend, target, kind);
  backend.write(x.storage.buffer, values);
  if (kind === 'i32' && values.length > 0) x.storage.bounds = boundsOf(values);
  return x;
}

/** Zeros. */
export function zeros(backend: Backend, shape: Shape, dtype: DType = 'f32'): Tensor {
  return full(backend, shape, 0, dtype);
}

/** Ones. */
export function ones(backend: Backend, shape: Shape, dtype: DType = 'f32'): Tensor {
  return full(backend, shape, 1, dtype);
}

/** A tensor with every element `value`. */
export function full(backend: Backend, shape: Shape, value: number, dtype: DType = 'f32'): Tensor {
  if (dtype === 'i32') checkInteger(value);
  const x = generate(backend, { kind: 'fill', value }, checkShape('full', shape), dtype);
  if (dtype === 'i32') x.storage.bounds = [value, value];
  return x;
}

/** i32 [n]: 0, 1, …, n - 1. */
export function iota(backend: Backend, n: number): Tensor {
  const x = generate(backend, { kind: 'iota' }, checkShape('iota', [n]), 'i32');
  if (n > 0) x.storage.bounds = [0, n - 1];
  return x;
}

/** f32, uniform in [0, 1): the same numbers for a key on every backend. */
export function uniform(backend: Backend, key: RngKey, shape: Shape): Tensor {
  return generate(backend, { kind: 'randomUniform', key }, checkShape('uniform', shape), 'f32');
}

/** f32, normal with `mean` (0) and `std` (1); drawn on the host, so the same on every backend. */
export function normal(
  backend: Backend,
  key: RngKey,
  shape: Shape,
  { mean = 0, std = 1 }: { readonly mean?: number; readonly std?: number } = {},
): Tensor {
  const values = randomNormal(key, sizeOf(checkShape('normal', shape)));
  for (let i = 0; i < values.length; i++) values[i] = mean + std * values[i];
  return tensor(backend, values, shape);
}

function generate(backend: Backend, op: Op, shape: Shape, dtype: DType): DeviceTensor {
  checkBackend(backend, dtype);
  return runAll(op, [], [{ shape, dtype }], backend)[0];
}

function checkBackend(backend: Backend, dtype: DType): void {
  checkContract(backend);
  if (backend.dtypes.includes(dtype)) return;
  throw new HeddleError(
    'dtype-mismatch',
    `The backend "${backend.name}" has no ${dtype}; it has ${backend.dtypes.join(', ')}.`,
    { op: 'create', dtypes: [dtype] },
  );
}

function dtypeOf(data: TypedArray): DType {
  return data instanceof Int32Array ? 'i32' : data instanceof Float32Array ? 'f32' : 'bf16';
}

function sameKind(data: TypedArray, dtype: DType): TypedArray {
  if (data.constructor === hostArray(dtype, 0).constructor) return data;
  throw new HeddleError(
    'dtype-mismatch',
    `tensor: ${dtype} takes a ${hostArray(dtype, 0).constructor.name}, given a ${data.constructor.name}.`,
    { op: 'tensor', dtypes: [dtype] },
  );
}

function hostValues(numbers: readonly number[], dtype: DType): TypedArray {
  if (dtype === 'bf16') {
    throw new HeddleError(
      'dtype-mismatch',
      'tensor: bf16 is made from a Uint16Array of its bits, or by cast(x, "bf16").',
      { op: 'tensor', dtypes: [dtype] },
    );
  }
  if (dtype === 'i32') numbers.forEach(checkInteger);
  const values = hostArray(dtype, numbers.length);
  values.set(numbers);
  return values;
}

function checkInteger(value: number): void {
  if ((value | 0) === value) return;
  throw new HeddleError('invalid-argument', `${value} is not a 32-bit integer, as i32 needs.`, {
    argument: 'value',
    given: String(value),
  });
}

function nestedShape(data: NestedArray): number[] {
  if (typeof data === 'number') return [];
  if (data.length === 0) return [0];
  const inner = nestedShape(data[0]);
  for (const row of data) {
    const other = nestedShape(row);
    if (sameShape(inner, other)) continue;
    throw new HeddleError(
      'invalid-argument',
      `tensor: ragged nested arrays: a row of shape [${other.join(', ')}] beside one of [${inner.join(', ')}].`,
      { argument: 'data', given: other },
    );
  }
  return [data.length, ...inner];
}

function flatten(data: NestedArray, into: number[] = []): number[] {
  if (typeof data === 'number') into.push(data);
  else for (const item of data) flatten(item, into);
  return into;
}

function boundsOf(values: TypedArray): [number, number] {
  let low = values[0];
  let high = values[0];
  for (let i = 1; i < values.length; i++) {
    const v = values[i];
    if (v < low) low = v;
    else if (v > high) high = v;
  }
  return [low, high];
}
