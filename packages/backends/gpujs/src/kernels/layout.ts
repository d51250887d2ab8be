import { type Awaitable, broadcastStrides, type Shape, stridesOf } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { gridOf } from './grid.js';
import { copy } from './map.js';
import type { Computes, Operand } from './operation.js';
import { indexOf } from './strides.js';

/** `block` at `start` in an array of `shape`; what is around it comes from `around`, an array or a number. */
function place(
  device: Device,
  shape: Shape,
  block: Operand,
  start: readonly number[],
  around: DeviceArray | number,
): Awaitable<DeviceArray> {
  const program = new Program();
  const source = program.array(block.value);
  const outside = typeof around === 'number' ? undefined : program.array(around);
  const { output, at } = gridOf(program, shape);
  const inside = shape.flatMap((size, axis) => {
    if (block.shape[axis] === size) return [];
    const [first, end] = [start[axis], start[axis] + block.shape[axis]];
    return [`${at[axis]} >= ${program.integer(first)} && ${at[axis]} < ${program.integer(end)}`];
  });
  const strides = stridesOf(block.shape);
  const skipped = start.reduce((sum, first, axis) => sum - first * strides[axis], 0);
  const found = `return ${source}[${indexOf(program, at, strides, skipped)}];`;
  if (inside.length === 0) return program.run(device, output, found);
  const other =
    outside === undefined
      ? program.number(around as number)
      : `${outside}[${indexOf(program, at, stridesOf(shape))}]`;
  return program.run(device, output, `if (${inside.join(' && ')}) { ${found} }\nreturn ${other};`);
}

/** (a, b) -> a and then b along the middle one of three axes. */
export function join(
  device: Device,
  [outer, first, second, inner]: readonly number[],
  a: DeviceArray,
  b: DeviceArray,
): Awaitable<DeviceArray> {
  const program = new Program();
  const [x, y] = [program.array(a), program.array(b)];
  const { output, at } = gridOf(program, [outer, first + second, inner]);
  const border = program.integer(first);
  const left = indexOf(program, at, [first * inner, inner, 1]);
  const right = indexOf(program, at, [second * inner, inner, 1], -first * inner);
  return program.run(
    device,
    output,
    `if (${at[1]} < ${border}) { return ${x}[${left}]; }\nreturn ${y}[${right}];`,
  );
}

/** Joins halves of the inputs until one is left, so that each element is copied a few times only. */
async function concat(
  device: Device,
  axis: number,
  inputs: readonly Operand[],
): Promise<DeviceArray> {
  const [{ shape, value }] = inputs;
  if (inputs.length === 1) return copy(device, shape, { value, strides: stridesOf(shape) });
  const middle = inputs.length >> 1;
  const halves = [inputs.slice(0, middle), inputs.slice(middle)];
  const size = (half: readonly Operand[]): number =>
    half.reduce((sum, x) => sum + x.shape[axis], 0);
  const whole = (half: readonly Operand[]): Awaitable<DeviceArray> =>
    half.length === 1 ? half[0].value : concat(device, axis, half);
  const [a, b] = [await whole(halves[0]), await whole(halves[1])];
  const product = (sizes: Shape): number => sizes.reduce((n, s) => n * s, 1);
  const sizes = [
    product(shape.slice(0, axis)),
    ...halves.map(size),
    product(shape.slice(axis + 1)),
  ];
  try {
    return await join(device, sizes, a, b);
  } finally {
    if (halves[0].length > 1) device.dispose(a);
    if (halves[1].length > 1) device.dispose(b);
  }
}

export const layout: Computes<
  'permute' | 'slice' | 'pad' | 'concat' | 'broadcast' | 'updateSlice'
> = {
  permute: (device, { axes }, [x], [y]) => {
    const strides = stridesOf(x.shape);
    return copy(device, y.shape, { value: x.value, strides: axes.map((axis) => strides[axis]) });
  },
  slice: (device, { start }, [x], [y]) => {
    const strides = stridesOf(x.shape);
    const offset = start.reduce((sum, first, axis) => sum + first * strides[axis], 0);
    return copy(device, y.shape, { value: x.value, strides, offset });
  },
  broadcast: (device, _, [x], [y]) =>
    copy(device, y.shape, { value: x.value, strides: broadcastStrides(x.shape, y.shape) }),
  pad: (device, { before, value }, [x], [y]) => place(device, y.shape, x, before, value),
  updateSlice: (device, { start }, [target, patch], [y]) =>
    place(device, y.shape, patch, start, target.value),
  concat: (device, { axis }, inputs) =>
    concat(
      device,
      axis,
      inputs.filter((x) => x.value.size > 0),
    ),
};
