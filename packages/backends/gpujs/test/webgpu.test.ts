import type { Backend, DeviceBuffer, HeddleError, Op } from '@heddle/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpujs } from '../src/index.js';
import { type GpuDevice, loadLibrary } from '../src/library.js';
import { missing } from './swiftshader.js';
import { trainTinyGpt } from './tiny-gpt.js';

const code = (error: unknown): string => (error as HeddleError).code;

describe.skipIf(missing)(`webgpu${missing ? ` (${missing})` : ''}`, () => {
  let backend: Backend;
  let device: GpuDevice;
  beforeEach(async () => {
    backend = await gpujs({ mode: 'webgpu' });
    ({ device } = await (await loadLibrary()).WebGPUContext.acquire());
  });
  afterEach(() => backend[Symbol.asyncDispose]());

  const vector = (...numbers: number[]): DeviceBuffer => {
    const buffer = backend.alloc(numbers.length, 'f32');
    backend.write(buffer, Float32Array.from(numbers));
    return buffer;
  };
  const run = (op: Op, inputs: readonly DeviceBuffer[], output: DeviceBuffer): void => {
    const view = (buffer: DeviceBuffer) => ({ buffer, shape: [buffer.size] });
    backend.run(op, inputs.map(view), [view(output)]);
  };

  it('gives its buffers back', async () => {
    let open = 0;
    const create = device.createBuffer;
    device.createBuffer = (settings) => {
      const buffer = create.call(device, settings);
      const destroy = buffer.destroy;
      open++;
      buffer.destroy = () => {
        open--;
        destroy.call(buffer);
      };
      return buffer;
    };
    const counts: number[] = [];
    for (let round = 0; round < 3; round++) {
      const x = vector(1, 2, 3);
      const y = vector(0, 0, 0);
      for (let i = 0; i < 20; i++) run({ kind: 'add' }, [x, y], y);
      run({ kind: 'softmax' }, [y], y);
      expect([...(await backend.read(y))].every(Number.isFinite)).toBe(true);
      backend.free(x);
      backend.free(y);
      await backend.sync();
      counts.push(open);
    }
    // What stays after the first round are the arguments of each kernel.
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
    const held = vector(1, 2);
    await backend.sync();
    expect(open).toBe(counts[0] + 1);
    backend.free(held);
    await backend.sync();
    expect(open).toBe(counts[0]);
  });

  it('names the operation that failed, where its result or what was made of it is read', async () => {
    const x = vector(1, 2, 3);
    const y = vector(0, 0, 0);
    const z = vector(0, 0, 0);
    run({ kind: 'exp' }, [x], y);
    await backend.sync();
    const create = device.createBuffer;
    device.createBuffer = (settings) => create.call(device, { ...settings, usage: 0x1 }); // no storage
    run({ kind: 'exp' }, [x], y);
    await Promise.resolve(backend.sync()).catch(() => {});
    device.createBuffer = create;
    run({ kind: 'neg' }, [y], z);
    for (const buffer of [y, z]) {
      const error = (await backend.read(buffer).catch((e) => e)) as HeddleError;
      expect(error.code).toBe('kernel-failed');
      expect(error.details).toEqual({ backend: 'gpujs', op: 'exp' });
    }
    expect([...(await backend.read(x))]).toEqual([1, 2, 3]);
    expect(await backend.sync().catch(code)).toBe('kernel-failed');
    await backend.sync();
  });

  it('a device that goes away in the middle is an error, and a new backend goes on', async () => {
    const x = vector(1, 2, 3);
    await backend.sync();
    for (let i = 0; i < 10; i++) run({ kind: 'add' }, [x, x], x);
    device.destroy();
    for (let i = 0; i < 10; i++) run({ kind: 'mul' }, [x, x], x);
    expect(await backend.read(x).catch(code)).toBe('device-lost');
    expect(await backend.sync().catch(code)).toBe('device-lost');
    await backend[Symbol.asyncDispose]();
    backend = await gpujs({ mode: 'webgpu' });
    const y = vector(1, 2);
    run({ kind: 'add' }, [y, y], y);
    expect([...(await backend.read(y))]).toEqual([2, 4]);
  });

  it('a device that goes away in the middle of a training step is an error', async () => {
    const own = await gpujs({ mode: 'webgpu' });
    const training = trainTinyGpt(own, 5, (step) => {
      if (step === 3) device.destroy();
    });
    expect(await training.then(() => 'done', code)).toBe('device-lost');
  });

  it('no room on the device is an error that says so', async () => {
    const x = vector(1, 2, 3);
    const y = vector(0, 0, 0);
    run({ kind: 'neg' }, [x], y); // compiled now
    await backend.sync();
    const pop = device.popErrorScope;
    let pops = 0;
    device.popErrorScope = async () => {
      const found = await pop.call(device);
      return pops++ === 0 ? { message: 'no memory' } : found; // the inner scope, of memory
    };
    run({ kind: 'neg' }, [x], y);
    const error = (await backend.read(y).catch((e) => e)) as HeddleError<'out-of-memory'>;
    device.popErrorScope = pop;
    expect(error.code).toBe('out-of-memory');
    expect(error.details).toEqual({ backend: 'gpujs', asked: 12, live: 24 });
    expect(await backend.sync().catch(code)).toBe('out-of-memory');
  });

  it('sizes beyond the device are refused before it sees them', () => {
    const most = backend.limits?.maxElements ?? 0;
    expect(most).toBe(
      Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize) / 4,
    );
    expect(() => backend.alloc(most + 1, 'f32')).toThrow(/device/);
  });

  it('first calls of a kernel with different sizes do not disturb each other', async () => {
    const sizes = [1, 7, 300, 2, 65];
    const pairs = sizes.map((size) => [vector(...Array(size).fill(0.5)), vector(...Array(size))]);
    for (const [x, y] of pairs) run({ kind: 'tanh' }, [x], y);
    for (const [, y] of pairs) {
      const got = [...(await backend.read(y))];
      expect(got.length).toBe(y.size);
      for (const t of got) expect(t).toBeCloseTo(Math.tanh(0.5), 6);
    }
  });
});
