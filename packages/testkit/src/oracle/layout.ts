import { sizeOf } from '@heddle/core';
import { broadcastElement, flatten, generate, type Spec, type Value } from './value.js';

export function permute(axes: readonly number[], x: Value, output: Spec): Value {
  return generate(output, (index) => {
    const source = index.map(() => 0);
    axes.forEach((axis, i) => {
      source[axis] = index[i];
    });
    return x.data[flatten(source, x.shape)];
  });
}

export function slice(start: readonly number[], x: Value, output: Spec): Value {
  return generate(
    output,
    (index) =>
      x.data[
        flatten(
          index.map((i, axis) => i + start[axis]),
          x.shape,
        )
      ],
  );
}

/** The position of `index` inside a block of `shape` that begins at `start`, or -1 outside of it. */
function inside(index: readonly number[], start: readonly number[], block: Value): number {
  const local = index.map((i, axis) => i - start[axis]);
  const within = local.every((i, axis) => i >= 0 && i < block.shape[axis]);
  return within ? flatten(local, block.shape) : -1;
}

export function pad(before: readonly number[], value: number, x: Value, output: Spec): Value {
  return generate(output, (index) => {
    const at = inside(index, before, x);
    return at < 0 ? value : x.data[at];
  });
}

export function updateSlice(
  start: readonly number[],
  target: Value,
  patch: Value,
  output: Spec,
): Value {
  return generate(output, (index, flat) => {
    const at = inside(index, start, patch);
    return at < 0 ? target.data[flat] : patch.data[at];
  });
}

export function concat(axis: number, inputs: readonly Value[], output: Spec): Value {
  return generate(output, (index) => {
    let along = index[axis];
    for (const x of inputs) {
      if (along < x.shape[axis]) {
        return x.data[
          flatten(
            index.map((i, a) => (a === axis ? along : i)),
            x.shape,
          )
        ];
      }
      along -= x.shape[axis];
    }
    return Number.NaN; // unreachable where the shapes fit
  });
}

export function broadcast(x: Value, output: Spec): Value {
  return generate(output, (index) => broadcastElement(x, index));
}

export function gather(table: Value, ids: Value, output: Spec): Value {
  const row = sizeOf(table.shape.slice(1));
  return generate(
    output,
    (_, flat) => table.data[ids.data[Math.floor(flat / row)] * row + (flat % row)],
  );
}

export function scatterAdd(base: Value, ids: Value, rows: Value, output: Spec): Value {
  const row = sizeOf(base.shape.slice(1));
  const result = generate(output, (_, flat) => base.data[flat]);
  ids.data.forEach((id, i) => {
    for (let j = 0; j < row; j++) result.data[id * row + j] += rows.data[i * row + j];
  });
  return result;
}
