import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Backend,
  type Callback,
  HeddleError,
  type Source,
  type TokenBatch,
} from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { gpujs } from '@heddle/gpujs';
import { pretrain } from '@heddle/pretrain';
import { loadModel } from '@heddle/transformer';
import { expect, it } from 'vitest';
import { loadLibrary } from '../../../packages/backends/gpujs/src/library.js';
import { missing } from '../../../packages/backends/gpujs/test/swiftshader.js';
import { BATCH, tinyGpt } from '../src/tiny-gpt.js';

const data: Source<TokenBatch> = {
  name: 'one batch',
  async *read() {
    for (let i = 0; ; i++) yield { value: BATCH, cursor: i };
  },
};

it('a device that is lost in the middle of a run leaves its last checkpoint whole', async (test) => {
  if (missing !== undefined) test.skip(missing);
  const directory = await mkdtemp(join(tmpdir(), 'heddle-lost-'));
  const run = (backend: Backend, resume: boolean, callbacks: readonly Callback[]) =>
    pretrain({
      backend,
      model: tinyGpt(),
      data,
      steps: 6,
      lr: 1e-3,
      seed: 1,
      directory,
      checkpointEvery: 2,
      logEvery: 1,
      resume,
      callbacks,
    });
  const unplug: Callback = {
    name: 'unplug',
    async onStep({ step }) {
      if (step !== 5) return;
      const { device } = await (await loadLibrary()).WebGPUContext.acquire();
      device.destroy();
    },
  };
  try {
    const lost = await gpujs({ mode: 'webgpu' });
    const error = await run(lost, false, [unplug]).catch((reason: unknown) => reason);
    expect(HeddleError.is(error, 'device-lost'), String(error)).toBe(true);
    const checkpoints = join(directory, 'checkpoints');
    expect((await readdir(checkpoints)).filter((name) => name.startsWith('step-'))).toContain(
      'step-4',
    );
    await using backend = cpu();
    const { params } = await loadModel(join(checkpoints, 'step-4'), backend);
    expect(Object.keys(params).length).toBeGreaterThan(20);
    const { metrics } = await run(backend, true, []);
    expect(metrics.train.loss).toBeLessThan(4.2);
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);
