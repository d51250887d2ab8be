import type { Params, Tensor } from '@heddle/core';
import { FUSED } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import { dropout, globalNorm, scope, valueAndGrad } from '../src/index.js';
import {
  fusedBackend,
  mixedBackend,
  primitiveBackend,
  type SpyBackend,
} from './support/backends.js';
import {
  arrayOf,
  computed,
  distance,
  type GoldenCase,
  type GoldenTensor,
  opCases,
  toTensor,
} from './support/golden.js';
import { applyCase, weightedSum } from './support/op-table.js';

const TOLERANCE = 1e-5;

function inputsOf(backend: SpyBackend, golden: GoldenCase): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(golden.inputs).map(([name, x]) => [name, toTensor(backend, x)]),
  );
}

for (const make of [
  fusedBackend,
  primitiveBackend,
  () => mixedBackend('forward'),
  () => mixedBackend('backward'),
]) {
  const backend = make();
  describe(`against PyTorch, ${backend.name}`, () => {
    opCases().forEach((golden, number) => {
      test(`${number} ${golden.op} ${golden.note}`, async () => {
        const before = backend.memory().live;
        const results = await computed(() => {
          const inputs = inputsOf(backend, golden);
          const outputs = applyCase(golden, inputs);
          const grads = gradientsOf(backend, golden, inputs);
          const all = [...outputs, ...Object.values(grads)];
          expect(all.map(typeOf)).toEqual(expectedOf(golden).map(goldenType));
          return all;
        });
        results.forEach((result, i) => {
          const error = distance(result, arrayOf(expectedOf(golden)[i]));
          expect(error, `output or gradient ${i}`).toBeLessThan(TOLERANCE);
        });
        expect(backend.memory().live).toBe(before);
      });
    });
  });
}

/** Outputs, then gradients in the order of the inputs. */
function expectedOf(golden: GoldenCase): GoldenTensor[] {
  return [...golden.outputs, ...Object.values(golden.grads ?? {})];
}

function typeOf(x: Tensor): string {
  return `${x.dtype} ${x.shape}`;
}

function goldenType(x: GoldenTensor): string {
  return `${x.i32 ? 'i32' : 'f32'} ${x.shape}`;
}

function gradientsOf(
  backend: SpyBackend,
  golden: GoldenCase,
  inputs: Record<string, Tensor>,
): Params {
  if (!golden.grads) return {};
  const dys = golden.dys!.map((dy) => toTensor(backend, dy));
  const params = Object.fromEntries(Object.keys(golden.grads).map((name) => [name, inputs[name]]));
  const run = valueAndGrad((p) => weightedSum(applyCase(golden, { ...inputs, ...p }), dys));
  return run(params).grads;
}

test('the golden cases and dropout run every fused operation where it is claimed', () => {
  const backend = fusedBackend();
  {
    using _ = scope();
    for (const golden of opCases()) gradientsOf(backend, golden, inputsOf(backend, golden));
    const x = toTensor(backend, { shape: [4], f32: [1, 2, 3, 4] });
    dropout(x, 0.5, [1, 2]);
    globalNorm({ x });
  }
  const kinds = new Set(backend.ran);
  const rest = FUSED.filter((kind) => !kinds.has(kind));
  expect(rest).toEqual(['adamw']); // see optimizers.test.ts
});
