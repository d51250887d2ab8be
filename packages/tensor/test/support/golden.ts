import { readFileSync } from 'node:fs';
import type { Backend, Shape, Tensor, TypedArray } from '@heddle/core';
import { scoped, tensor } from '../../src/index.js';

export interface GoldenTensor {
  readonly shape: Shape;
  readonly f32?: readonly (number | string)[];
  readonly i32?: readonly number[];
}

export interface GoldenCase {
  readonly op: string;
  readonly note: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, GoldenTensor>>;
  readonly outputs: readonly GoldenTensor[];
  readonly dys?: readonly GoldenTensor[];
  readonly grads?: Readonly<Record<string, GoldenTensor>>;
}

export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), 'utf8')) as T;
}

export function opCases(): readonly GoldenCase[] {
  return readGolden<{ cases: GoldenCase[] }>('ops.json').cases;
}

export function arrayOf({ f32, i32 }: GoldenTensor): Float32Array | Int32Array {
  return i32 ? new Int32Array(i32) : new Float32Array((f32 ?? []).map(Number));
}

export function toTensor(backend: Backend, golden: GoldenTensor): Tensor {
  return tensor(backend, arrayOf(golden), golden.shape);
}

/** The largest difference, relative to the largest expected number (or to 1 if that is smaller). */
export function distance(given: TypedArray, expected: ArrayLike<number>): number {
  if (given.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let size = 1;
  for (let i = 0; i < given.length; i++) {
    if (Object.is(given[i], expected[i]) || given[i] === expected[i]) continue;
    const d = Math.abs(given[i] - expected[i]);
    if (!Number.isFinite(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    size = Math.max(size, Math.abs(expected[i]));
  }
  return difference / size;
}

/** Computes tensors in a scope and reads them: nothing is left behind. */
export function computed(compute: () => readonly Tensor[]): Promise<TypedArray[]> {
  return Promise.all(scoped(() => compute().map((x) => x.read())));
}

/** `computed` for a single tensor, as plain numbers. */
export async function numbersOf(compute: () => Tensor): Promise<number[]> {
  const [values] = await computed(() => [compute()]);
  return Array.from(values);
}
