import { cpu } from '@heddle/cpu';
import { backendSuite } from '@heddle/testkit';
import { describe, it } from 'vitest';
import { nativeBackend, runnableSimd } from './native.js';
import { runnableModules, wasmBackend } from './wasm.js';

describe('reference', () => {
  backendSuite({ runner: { describe, it }, create: () => cpu({ kernels: 'reference' }) });
});

const native = runnableSimd();
if (native.simd.length === 0) describe('native', () => it.skip(`native kernels: ${native.reason}`));
for (const set of native.simd) {
  describe(`native ${set}`, () => {
    backendSuite({ runner: { describe, it }, create: () => nativeBackend(set, 2) });
  });
}

const wasm = runnableModules();
if (wasm.modules.length === 0)
  describe('wasm', () => it.skip(`WebAssembly kernels: ${wasm.reason}`));
for (const features of wasm.modules) {
  describe(`wasm ${features.name}`, () => {
    backendSuite({ runner: { describe, it }, create: () => wasmBackend(features, 2) });
  });
}
