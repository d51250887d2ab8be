import { type Awaitable, sizeOf } from '@heddle/core';
import type { Device, DeviceArray } from './device.js';
import { flat } from './flat.js';
import { argumentsOf, type KernelCache } from './kernel-cache.js';
import type { ResidentArray, Result } from './library.js';
import { Program } from './program.js';

/** Kernels as fragment shaders: arrays are textures. */
export class WebGLDevice implements Device {
  constructor(private readonly kernels: KernelCache) {}

  during(): Device {
    return this;
  }

  run(program: Program, output: readonly number[]): DeviceArray {
    const { kernel } = this.kernels.find(program, output);
    kernel.setOutput(output);
    const size = sizeOf(output);
    return { data: kernel(...argumentsOf(program)) as ResidentArray, size };
  }

  /** Arguments from the host are uploaded at every call, so a kernel copies them once. */
  upload(data: Float32Array): DeviceArray {
    const program = new Program();
    const host = { data: data.length > 0 ? data : new Float32Array(1), size: data.length };
    const body = `return ${program.array(host)}[this.thread.x];`;
    program.finish(body);
    return { ...this.run(program, [host.data.length]), size: data.length };
  }

  async download({ data, size }: DeviceArray): Promise<Float32Array> {
    const result: Awaitable<Result> = (data as ResidentArray).toArray();
    return flat(await result, size).slice(0, size);
  }

  dispose({ data }: DeviceArray): void {
    (data as ResidentArray).delete();
  }

  sync(): void {}
}
