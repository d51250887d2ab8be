import {
  type Awaitable,
  HeddleError,
  type Op,
  type TypedArray,
  type ValueDriver,
} from '@heddle/core';
import type { Device, DeviceArray } from './device.js';
import type { Engine } from './engine.js';
import { operations } from './kernels/index.js';
import { LARGEST_WHOLE } from './kernels/whole.js';

/** gpu.js as a library of values that do not change, for `valueBackend`. i32 are kept as f32. */
export function driverOf(engine: Engine, release: () => Promise<void>): ValueDriver<DeviceArray> {
  const { maxElements } = engine;
  const device = engine.open();
  return {
    name: 'gpujs',
    dtypes: ['f32', 'i32'],
    limits: { maxElements, maxInteger: LARGEST_WHOLE },
    upload: (data) => device.upload(data instanceof Float32Array ? data : Float32Array.from(data)),
    download: (value, dtype) => {
      const elements = device.download(value);
      if (dtype !== 'i32') return elements;
      return elements instanceof Promise ? elements.then(toIntegers) : toIntegers(elements);
    },
    dispose: (value) => device.dispose(value),
    supports: ({ kind }, dtype) => dtype !== 'bf16' && operations.has(kind),
    run: (op, inputs, outputs) => {
      const compute = operations.get(op.kind) as Compute;
      const result = compute(device.during(op.kind), op, inputs, outputs);
      return result instanceof Promise ? result.then(listed) : listed(result);
    },
    sync: () => device.sync(),
    close: release,
  };
}

type Values = DeviceArray | readonly DeviceArray[];

/** An entry of the table, which was found by its operation's kind. */
type Compute = (
  device: Device,
  op: Op,
  inputs: Parameters<ValueDriver<DeviceArray>['run']>[1],
  outputs: Parameters<ValueDriver<DeviceArray>['run']>[2],
) => Awaitable<Values>;

const listed = (values: Values): readonly DeviceArray[] => ('data' in values ? [values] : values);

/** Integers from f32; one that f32 does not hold exactly is refused. */
function toIntegers(elements: Float32Array): TypedArray {
  for (const x of elements) {
    if (Math.abs(x) <= LARGEST_WHOLE) continue;
    throw new HeddleError(
      'device-limit',
      `gpujs: an integer of the result is ${Number.isFinite(x) ? x : 'larger'}, but gpu.js keeps integers in f32, which ` +
        `holds them exactly only up to ${LARGEST_WHOLE}. Keep integers below that, or take another backend.`,
      { backend: 'gpujs', limit: 'maxInteger', asked: x, most: LARGEST_WHOLE },
    );
  }
  return Int32Array.from(elements);
}
