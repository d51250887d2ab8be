import { sizeOf } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { floats } from './operands.js';

/** Sizes [outer, reduced, inner] if the reduced axes (those longer than 1) lie together, else undefined. */
function threeParts(shape: readonly number[], axes: readonly number[]): number[] | undefined {
  const parts = [1, 1, 1];
  let part = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const reduced = axes.includes(axis);
    if (reduced && part === 0) part = 1;
    else if (!reduced && part === 1) part = 2;
    else if (reduced && part === 2) return undefined;
    parts[part] *= shape[axis];
  }
  return parts;
}

/** Reductions of f32 over neighbouring axes, and the sum of squares; the reference does the others. */
export function reduceKernels(
  library: NativeLibrary,
  reference: Kernels,
): Kernels<'reduceSum' | 'reduceMax' | 'sumOfSquares'> {
  const P = 'void *';
  const reduce = library.bind('reduce', ['int', 'int64_t', 'int64_t', 'int64_t', P, P]);
  const sumOfSquares = library.bind('sum_of_squares', ['int64_t', P, P, P]);

  const run = (
    op: { readonly kind: 'reduceSum' | 'reduceMax'; readonly axes: readonly number[] },
    inputs: readonly Operand[],
    outputs: readonly Operand[],
  ): void => {
    const [x] = inputs;
    const [y] = outputs;
    const parts = threeParts(x.shape, op.axes);
    if (parts === undefined || x.data instanceof Int32Array) {
      reference[op.kind](op as never, inputs, outputs);
      return;
    }
    const [outer, n, inner] = parts;
    const max = op.kind === 'reduceMax' ? 1 : 0;
    const from = floats(op.kind, x, outer * n * inner);
    reduce(max, outer, n, inner, from, floats(op.kind, y, outer * inner));
  };

  return {
    reduceSum: run,
    reduceMax: run,
    sumOfSquares({ kind }, inputs, [y]) {
      const arrays = inputs.map((x) => floats(kind, x, sizeOf(x.shape)));
      const addresses = BigUint64Array.from(arrays, (array) => library.address(array));
      const sizes = Float64Array.from(arrays, (array) => array.length);
      sumOfSquares(arrays.length, addresses, sizes, floats(kind, y, 1));
    },
  };
}
