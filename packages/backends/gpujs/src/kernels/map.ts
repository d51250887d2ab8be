import { type Awaitable, broadcastStrides, type Shape } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { gridOf } from './grid.js';
import { collapse, indexOf } from './strides.js';

/** An array read with strides of its own. */
export interface Source {
  readonly value: DeviceArray;
  /** One for each axis of the output. */
  readonly strides: readonly number[];
  readonly offset?: number;
}

/**
 * One array out of several, element by element: `body` is the end of a kernel that has the elements in
 * locals of the names it is given, and returns the result.
 */
export function mapStrided(
  device: Device,
  shape: Shape,
  sources: readonly Source[],
  body: (elements: readonly string[], program: Program) => string,
): Awaitable<DeviceArray> {
  const program = new Program();
  const { dims, strides } = collapse(
    shape,
    sources.map((source) => source.strides),
  );
  const arrays = sources.map(({ value }) => program.array(value));
  const { output, at } = gridOf(program, dims);
  const locals = sources.map(({ offset }, i) => {
    const index = indexOf(program, at, strides[i], offset);
    return `const v${i} = ${arrays[i]}[${index}];\n`;
  });
  const end = body(
    sources.map((_, i) => `v${i}`),
    program,
  );
  return program.run(device, output, locals.join('') + end);
}

/** The same with arrays that are broadcast to the output's shape. */
export function map(
  device: Device,
  shape: Shape,
  operands: readonly { readonly value: DeviceArray; readonly shape: Shape }[],
  body: (elements: readonly string[], program: Program) => string,
): Awaitable<DeviceArray> {
  const sources = operands.map((x) => ({
    value: x.value,
    strides: broadcastStrides(x.shape, shape),
  }));
  return mapStrided(device, shape, sources, body);
}

/** A copy of an array, with strides of its own or as it is. */
export function copy(device: Device, shape: Shape, source: Source): Awaitable<DeviceArray> {
  return mapStrided(device, shape, [source], ([x]) => `return ${x};`);
}
