/** Axes of a walk over several arrays: `strides[n]` are those of array n. */
export interface Walk {
  readonly dims: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** The most axes that a native walk takes (MAX_RANK of native/elementwise.h). */
export const MAX_RANK = 16;

/** The same walk with the fewest axes: without those of size 1, neighbours joined where all arrays allow. At least one. */
export function collapse(shape: readonly number[], strides: readonly (readonly number[])[]): Walk {
  const dims: number[] = [];
  const kept: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis];
    if (size === 1) continue;
    const last = dims.length - 1;
    if (last >= 0 && strides.every((s, n) => kept[n][last] === s[axis] * size)) {
      dims[last] *= size;
      strides.forEach((s, n) => {
        kept[n][last] = s[axis];
      });
    } else {
      dims.push(size);
      strides.forEach((s, n) => {
        kept[n].push(s[axis]);
      });
    }
  }
  if (dims.length > 0) return { dims, strides: kept };
  return { dims: [1], strides: strides.map(() => [1]) };
}

/** A walk as the native kernels read it: the dims, then the strides of each array. */
export function layoutOf({ dims, strides }: Walk): Float64Array {
  const rank = dims.length;
  const layout = new Float64Array(rank * (strides.length + 1));
  for (let axis = 0; axis < rank; axis++) {
    layout[axis] = dims[axis];
    for (let n = 0; n < strides.length; n++) layout[(n + 1) * rank + axis] = strides[n][axis];
  }
  return layout;
}
