import { sizeOf } from '@heddle/core';
import type { Device, DeviceArray } from './device.js';
import { flat } from './flat.js';
import { argumentsOf, type KernelCache } from './kernel-cache.js';
import type { Result } from './library.js';
import type { Program } from './program.js';

/** Kernels in JavaScript and WebAssembly: they are done when they return, and their arrays are typed arrays. */
export class HostDevice implements Device {
  constructor(private readonly kernels: KernelCache) {}

  during(): Device {
    return this;
  }

  run(program: Program, output: readonly number[]): DeviceArray {
    const { kernel } = this.kernels.find(program, output);
    kernel.setOutput(output);
    const size = sizeOf(output);
    return { data: flat(kernel(...argumentsOf(program)) as Result, size), size };
  }

  upload(data: Float32Array): DeviceArray {
    return { data: data.length > 0 ? data : new Float32Array(1), size: data.length };
  }

  download({ data, size }: DeviceArray): Float32Array {
    return flat(data, size).slice(0, size);
  }

  dispose(): void {}

  sync(): void {}
}
