/** Sizes of the axes, outermost first; `[]` is a scalar. Memory is always row-major and contiguous. */
export type Shape = readonly number[];

/** Number of elements: 1 for a scalar, 0 if any axis is empty. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
