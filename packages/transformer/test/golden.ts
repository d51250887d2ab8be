import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type Backend,
  type Context,
  type Params,
  rngKey,
  type Tensor,
  type TypedArray,
} from '@heddle/core';
import { crossEntropy, mul, sum, tensor } from '@heddle/tensor';
import { loadSafetensors } from '@heddle/tensor/safetensors';
import { type LoadedModel, loadModel, type Transformer } from '../src/index.js';

/** What tools/golden/transformer/make_golden.py writes for a family. */
export interface Reference {
  readonly rows: number;
  readonly length: number;
  readonly ids: readonly number[];
  readonly targets: readonly number[];
  readonly loss: number;
  readonly steps: readonly {
    readonly ids: readonly number[];
    readonly targets: readonly number[];
    readonly lr: number;
    readonly loss: number;
    readonly norm: number;
  }[];
  readonly prompt?: readonly number[];
  readonly greedy?: readonly number[];
  readonly mask?: readonly number[];
}

export const FAMILIES = ['gpt2', 'llama', 'bert'] as const;

export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`./golden/${name}`, import.meta.url));
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(goldenPath(name), 'utf8')) as T;
}

export interface Golden extends LoadedModel {
  readonly reference: Reference;
  /** `logits`, and the gradient of every parameter. */
  readonly expected: Params;
}

export async function loadGolden(family: string, backend: Backend): Promise<Golden> {
  const loaded = await loadModel(goldenPath(family), backend);
  const expected = await loadSafetensors(goldenPath(`${family}/gradients.safetensors`), backend);
  return { ...loaded, expected, reference: goldenJson<Reference>(`${family}/reference.json`) };
}

export function evalContext(backend: Backend): Context {
  return { backend, train: false, key: rngKey(0) };
}

/** i32 [rows, length] */
export function idTensor(backend: Backend, ids: readonly number[], rows: number): Tensor {
  return tensor(backend, Int32Array.from(ids), [rows, ids.length / rows]);
}

/** Mean cross-entropy over the targets that count. */
export function meanLoss(
  model: Transformer,
  params: Params,
  batch: { readonly ids: readonly number[]; readonly targets: readonly number[] },
  rows: number,
  context: Context,
): Tensor {
  const logits = model.apply(params, { ids: idTensor(context.backend, batch.ids, rows) }, context);
  const losses = crossEntropy(logits, idTensor(context.backend, batch.targets, rows));
  return mul(sum(losses), 1 / batch.targets.filter((target) => target >= 0).length);
}

/** |a - b| / |b|, in Euclidean norm. */
export function relativeError(a: TypedArray, b: TypedArray): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}
