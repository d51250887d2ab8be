import { cpu } from '@heddle/cpu';
import { backendSuite } from '@heddle/testkit';
import { describe, it } from 'vitest';
import { nativeBackend, runnableSimd } from './native.js';

describe('reference', () => {
  backendSuite({ runner: { describe, it }, create: () => cpu({ kernels: 'reference' }) });
});

const { simd, reason } = runnableSimd();
if (simd.length === 0) describe('native', () => it.skip(`native kernels: ${reason}`));
for (const set of simd) {
  describe(`native ${set}`, () => {
    backendSuite({ runner: { describe, it }, create: () => nativeBackend(set, 2) });
  });
}
