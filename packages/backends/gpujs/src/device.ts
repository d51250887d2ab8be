import type { Awaitable } from '@heddle/core';
import type { ResidentArray } from './library.js';
import type { Program } from './program.js';

/** f32 elements on the device, row-major; an empty array holds one element that nobody reads. */
export interface DeviceArray {
  readonly data: Float32Array | ResidentArray;
  readonly size: number;
}

/** What kernels run on. */
export interface Device {
  /** The same device; what fails there later is laid to this operation. */
  during(op: string): Device;
  /** Runs a program once for each cell of `output` (x first); the cells become one flat array. */
  run(program: Program, output: readonly number[]): Awaitable<DeviceArray>;
  /** The array is the device's own from then on. */
  upload(data: Float32Array): Awaitable<DeviceArray>;
  /** The elements in a fresh array. */
  download(array: DeviceArray): Awaitable<Float32Array>;
  dispose(array: DeviceArray): void;
  /** Resolves once all that was run is done; throws what went wrong and was not told of. */
  sync(): Awaitable<void>;
}
