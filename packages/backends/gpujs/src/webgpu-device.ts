import { sizeOf } from '@heddle/core';
import type { Device, DeviceArray } from './device.js';
import type { Faults } from './faults.js';
import { argumentsOf, type CachedKernel, type KernelCache } from './kernel-cache.js';
import type { GpuContext, GpuLibrary, ResidentArray } from './library.js';
import type { Program } from './program.js';
import { readBuffer, writeBuffer } from './webgpu.js';

/** What WebGPU kernels run on, one device for all of the process, and how it goes for one backend. */
export interface BackendState {
  readonly library: GpuLibrary;
  readonly context: GpuContext;
  readonly kernels: KernelCache;
  readonly faults: Faults;
  /** Bytes of its arrays. */
  live: number;
}

/** Kernels as compute shaders: arrays are buffers, and work is submitted without waiting for it. */
export class WebGPUDevice implements Device {
  constructor(
    private readonly state: BackendState,
    private readonly op: string = 'write',
  ) {}

  during(op: string): Device {
    return new WebGPUDevice(this.state, op);
  }

  run(program: Program, output: readonly number[]): Promise<DeviceArray> {
    const { faults, kernels } = this.state;
    const cached = kernels.find(program, output);
    const inputs = program.arguments.flatMap((x) => (x.kind === 'array' ? [x.value.data] : []));
    const size = sizeOf(output);
    return faults.attempt(async () => {
      // A kernel takes its output's size when its compiling ends: until then nobody may change that.
      if (!cached.built) await this.#build(cached, program);
      const data = await this.#make(size, inputs, async () => {
        cached.kernel.setOutput(output);
        return (await cached.kernel(...argumentsOf(program))) as ResidentArray;
      });
      letGo(cached, data);
      return { data, size };
    });
  }

  upload(data: Float32Array): Promise<DeviceArray> {
    const { context, faults, library } = this.state;
    const output = [Math.max(1, data.length)];
    return faults.attempt(async () => {
      const array = await this.#make(data.length, [], async () => {
        const buffer = writeBuffer(context.device, data);
        return new library.WebGPUBufferResult({ buffer, output, context });
      });
      return { data: array, size: data.length };
    });
  }

  download({ data, size }: DeviceArray): Promise<Float32Array> {
    const { context, faults } = this.state;
    return faults.attempt(async () => {
      const { buffer } = data as ResidentArray;
      if (buffer === undefined) throw new Error('gpu.js gave an array without a buffer');
      const elements = await readBuffer(context.device, buffer, size);
      await faults.check(data);
      return elements;
    });
  }

  dispose({ data, size }: DeviceArray): void {
    this.state.live -= size * 4;
    (data as ResidentArray).delete();
  }

  sync(): Promise<void> {
    const { context, faults } = this.state;
    return faults.attempt(async () => {
      await context.device.queue.onSubmittedWorkDone();
      await faults.checkAll();
    });
  }

  #make(
    size: number,
    inputs: readonly object[],
    submit: () => Promise<ResidentArray>,
  ): Promise<ResidentArray> {
    const { state, op } = this;
    const [bytes, { live }] = [size * 4, state];
    state.live += bytes;
    return state.faults.watch({ op, inputs, bytes, live }, submit);
  }

  #build(cached: CachedKernel, program: Program): Promise<void> {
    cached.building ??= Promise.resolve(cached.kernel.build(...argumentsOf(program))).then(
      () => {
        cached.built = true;
      },
      (error: unknown) => {
        this.state.kernels.forget(cached);
        throw error;
      },
    );
    return cached.building;
  }
}

/** gpu.js keeps the last result of each kernel. Given up at once, its memory is back when the result is freed. */
function letGo({ kernel: { kernel } }: CachedKernel, { buffer }: ResidentArray): void {
  if (buffer === undefined || kernel.outputBuffer !== buffer) return;
  buffer._refs--;
  kernel.outputBuffer = null;
}
