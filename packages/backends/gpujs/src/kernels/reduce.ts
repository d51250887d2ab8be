import type { Awaitable, Shape } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { isNumber } from './functions.js';
import { gridOf } from './grid.js';
import type { Compute, Computes } from './operation.js';
import { Scratch } from './scratch.js';
import { indexOf } from './strides.js';
import { whole } from './whole.js';

interface Axis {
  readonly size: number;
  readonly stride: number;
  readonly reduced: boolean;
}

/** How the terms of a cell become one number: where it begins, and what a term `v` does to `sum`. */
interface Fold {
  readonly seed: number;
  readonly step: string;
  readonly whole: boolean;
}

const SUM: Fold = { seed: 0, step: 'sum += v;', whole: false };
const SQUARES: Fold = { ...SUM, step: 'sum += v * v;' };
const MAX: Fold = {
  seed: Number.NEGATIVE_INFINITY,
  step: `if (v > sum || !${isNumber('v')}) { sum = v; }`,
  whole: false,
};

/** From here on the terms of a cell are added in parts first: for the sake of idle threads and of precision. */
const LONG = 512;

/** The axes of a contiguous array, neighbours of one fate joined. */
function axesOf(shape: Shape, reducedAxes: readonly number[]): Axis[] {
  const joined: Axis[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const reduced = reducedAxes.includes(axis);
    const size = shape[axis];
    const [inner] = joined;
    if (inner?.reduced === reduced) joined[0] = { ...inner, size: inner.size * size };
    else if (size !== 1) joined.unshift({ size, stride, reduced });
    stride *= size;
  }
  return joined;
}

/** x -> x folded over `axes`. */
async function reduce(
  device: Device,
  fold: Fold,
  x: DeviceArray,
  shape: Shape,
  axes: readonly number[],
): Promise<DeviceArray> {
  const walk = axesOf(shape, axes);
  const longest = walk.reduce((a, b) => (b.reduced && b.size > a ? b.size : a), 0);
  if (longest <= LONG) return foldAxes(device, fold, x, walk);
  const parts = Math.ceil(Math.sqrt(longest));
  const first = await foldAxes(device, { ...fold, whole: false }, x, walk, { longest, parts });
  const then = fold === SQUARES ? SUM : fold;
  const kept = walk.filter((axis) => !axis.reduced).reduce((n, axis) => n * axis.size, 1);
  try {
    return await reduce(device, then, first, [parts, kept], [0]);
  } finally {
    device.dispose(first);
  }
}

/** One kernel: nested loops over the reduced axes, the longest of them in `parts` beside each other if given. */
function foldAxes(
  device: Device,
  fold: Fold,
  x: DeviceArray,
  walk: readonly Axis[],
  split?: { readonly longest: number; readonly parts: number },
): Awaitable<DeviceArray> {
  const program = new Program();
  const array = program.array(x);
  const kept = walk.filter((axis) => !axis.reduced);
  const sizes = kept.map((axis) => axis.size);
  const { output, at } = gridOf(program, split ? [split.parts, ...sizes] : sizes);
  const part = split ? at[0] : undefined;
  const indices: string[] = [];
  const strides: number[] = [];
  kept.forEach((axis, i) => {
    indices.push(at[part === undefined ? i : i + 1]);
    strides.push(axis.stride);
  });
  let open = '';
  let close = '';
  let unsplit = part !== undefined;
  walk
    .filter((axis) => axis.reduced)
    .forEach((axis, i) => {
      const size = program.integer(axis.size);
      let index = `i${i}`;
      let steps = size;
      let guard = '';
      if (split && unsplit && axis.size === split.longest) {
        unsplit = false;
        const each = program.integer(Math.ceil(axis.size / split.parts));
        index = `(${part} * ${each} + i${i})`;
        steps = each;
        guard = `if (${index} < ${size}) {\n`;
      }
      open += `for (let i${i} = 0; i${i} < ${steps}; i${i}++) {\n${guard}`;
      close += guard === '' ? '}\n' : '}\n}\n';
      indices.push(index);
      strides.push(axis.stride);
    });
  const term = `const v = ${array}[${indexOf(program, indices, strides)}];\n${fold.step}\n`;
  const end = fold.whole ? whole('sum', program) : 'return sum;';
  const seed = `let sum = ${program.number(fold.seed)};\n`;
  return program.run(device, output, seed + open + term + close + end);
}

/** Sums over `axes`. */
export function sum(
  device: Device,
  x: DeviceArray,
  shape: Shape,
  axes: readonly number[],
): Promise<DeviceArray> {
  return reduce(device, SUM, x, shape, axes);
}

/** The largest elements over `axes`. */
export function largest(
  device: Device,
  x: DeviceArray,
  shape: Shape,
  axes: readonly number[],
): Promise<DeviceArray> {
  return reduce(device, MAX, x, shape, axes);
}

const argMax: Compute<'argMax'> = (device, _, [x], [y]) => {
  const program = new Program();
  const array = program.array(x.value);
  const width = program.integer(x.shape[x.shape.length - 1]);
  const row = `this.thread.x * ${width}`;
  return program.run(
    device,
    [y.shape.reduce((n, size) => n * size, 1)],
    `let best = 0;
let most = ${array}[${row}];
for (let i = 0; i < ${width}; i++) {
  const v = ${array}[${row} + i];
  if (v > most) { most = v; best = i; }
}
return best;`,
  );
};

/** The most arrays that a kernel reads: WebGPU binds eight, and one is the result. */
const MOST_ARRAYS = 7;

const sumOfSquares: Compute<'sumOfSquares'> = async (device, _, inputs) => {
  let total: DeviceArray | undefined;
  for (let from = 0; from < inputs.length; from += MOST_ARRAYS - 1) {
    using scratch = new Scratch(device);
    const program = new Program();
    const terms = total ? [`${program.array(await scratch.keep(total))}[0]`] : [];
    for (const { value, shape } of inputs.slice(from, from + MOST_ARRAYS - 1)) {
      const axes = shape.map((_, axis) => axis);
      const squares = await scratch.keep(reduce(device, SQUARES, value, shape, axes));
      terms.push(`${program.array(squares)}[0]`);
    }
    total = await program.run(device, [1], `return ${terms.join(' + ')};`);
  }
  return total ?? device.upload(new Float32Array(1));
};

export const reductions: Computes<'reduceSum' | 'reduceMax' | 'argMax' | 'sumOfSquares'> = {
  sumOfSquares,
  reduceSum: (device, { axes }, [x], [y]) =>
    reduce(device, { ...SUM, whole: y.dtype === 'i32' }, x.value, x.shape, axes),
  reduceMax: (device, { axes }, [x]) => reduce(device, MAX, x.value, x.shape, axes),
  argMax,
};
