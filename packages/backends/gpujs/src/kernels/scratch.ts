import type { Awaitable } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';

/** Arrays between the kernels of one operation, given back when it ends. */
export class Scratch implements Disposable {
  readonly #arrays: DeviceArray[] = [];

  constructor(private readonly device: Device) {}

  async keep(array: Awaitable<DeviceArray>): Promise<DeviceArray> {
    const kept = await array;
    this.#arrays.push(kept);
    return kept;
  }

  [Symbol.dispose](): void {
    for (const array of this.#arrays) this.device.dispose(array);
  }
}
