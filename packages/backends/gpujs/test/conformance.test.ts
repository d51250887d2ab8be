import type { Backend } from '@heddle/core';
import { backendSuite } from '@heddle/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { gpujs } from '../src/index.js';

describe.each(['cpu', 'webasm'] as const)('%s', (mode) => {
  // One that stays open keeps the compiled kernels.
  let kept: Backend;
  beforeAll(async () => {
    kept = await gpujs({ mode });
  });
  afterAll(() => kept[Symbol.asyncDispose]());

  backendSuite({ runner: { describe, it }, create: () => gpujs({ mode }) });
});
