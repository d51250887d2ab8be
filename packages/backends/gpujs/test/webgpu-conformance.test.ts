import type { Backend } from '@heddle/core';
import { backendSuite } from '@heddle/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { gpujs } from '../src/index.js';
import { missing } from './swiftshader.js';

describe.skipIf(missing)(`webgpu${missing ? ` (${missing})` : ''}`, () => {
  // One that stays open keeps the device and its compiled kernels.
  let kept: Backend;
  beforeAll(async () => {
    kept = await gpujs({ mode: 'webgpu' });
  });
  afterAll(() => kept[Symbol.asyncDispose]());

  backendSuite({ runner: { describe, it }, create: () => gpujs({ mode: 'webgpu' }) });
});
