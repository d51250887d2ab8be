import { HeddleError, type Shape, sameShape, sizeOf, type Tensor } from '@heddle/core';
import { zeros } from '../create.js';
import { track, trackAll } from '../graph.js';
import { backendOf, run } from '../run.js';
import { axisOf, checkShape } from '../shapes.js';
import { device, sameDType, viewOf, wrongShape } from '../tensor.js';

/** The same elements in another shape; one size may be -1 and is then computed. Shares the memory. */
export function reshape(input: Tensor, shape: Shape): Tensor {
  const x = device(input, 'reshape');
  const size = sizeOf(x.shape);
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const free = shape.filter((n) => n === -1).length;
  const target = checkShape(
    'reshape',
    shape.map((n) => (n === -1 && free === 1 && known > 0 ? size / known : n)),
  );
  if (sizeOf(target) !== size) {
    throw wrongShape('reshape', [x], `its ${size} elements do not fill [${target.join(', ')}]`);
  }
  return track('reshape', viewOf(x, target), [x], () => (dy) => [reshape(dy, x.shape)]);
}

/** y with y.shape[i] = x.shape[axes[i]]. */
export function permute(input: Tensor, axes: readonly number[]): Tensor {
  const x = device(input, 'permute');
  const order = axes.map((axis) => axisOf('permute', axis, x.shape.length));
  if (order.length !== x.shape.length || new Set(order).size !== order.length) {
    throw new HeddleError(
      'invalid-argument',
      `permute: [${axes.join(', ')}] must name each axis of ${x} once.`,
      { argument: 'axes', given: axes },
    );
  }
  const y = run(
    { kind: 'permute', axes: order },
    [x],
    order.map((axis) => x.shape[axis]),
  );
  y.storage.bounds = x.storage.bounds;
  const inverse = order.map((_, i) => order.indexOf(i));
  return track('permute', y, [x], () => (dy) => [permute(dy, inverse)]);
}

/** The last two axes exchanged. x: [..., M, N] -> [..., N, M]. */
export function transpose(x: Tensor): Tensor {
  const rank = x.shape.length;
  if (rank < 2)
    throw wrongShape('transpose', [device(x, 'transpose')], 'it needs two axes or more');
  const axes = x.shape.map((_, i) => i);
  return permute(x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

/** The block of `size` that begins at `start`, both with one number an axis. */
export function slice(input: Tensor, start: readonly number[], size: Shape): Tensor {
  const x = device(input, 'slice');
  checkBlock('slice', start, size, x.shape);
  const y = run({ kind: 'slice', start: [...start] }, [x], [...size]);
  y.storage.bounds = x.storage.bounds;
  const after = x.shape.map((n, i) => n - start[i] - size[i]);
  return track('slice', y, [x], () => (dy) => [pad(dy, start, after)]);
}

/** x with `before[i]` and `after[i]` elements of `value` (0) around axis i. */
export function pad(
  input: Tensor,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): Tensor {
  const x = device(input, 'pad');
  const shape = checkShape(
    'pad',
    x.shape.map((n, i) => (before[i] >= 0 && after[i] >= 0 ? n + before[i] + after[i] : -1)),
  );
  if (before.length !== shape.length || after.length !== shape.length) {
    throw wrongShape('pad', [x], 'before and after need one number for each axis');
  }
  const y = run({ kind: 'pad', before: [...before], value }, [x], shape);
  return track('pad', y, [x], () => (dy) => [slice(dy, before, x.shape)]);
}

/** One after the other along `axis`; the other axes are equal. */
export function concat(inputs: readonly Tensor[], axis = 0): Tensor {
  const xs = inputs.map((x) => device(x, 'concat'));
  if (xs.length === 0) {
    throw new HeddleError('invalid-argument', 'concat: given no tensors; give at least one.', {
      argument: 'inputs',
      given: [],
    });
  }
  const first = xs[0].shape;
  const at = axisOf('concat', axis, first.length);
  backendOf('concat', xs);
  sameDType('concat', xs);
  if (xs.some((x) => !sameShape(resized(x.shape, at, 0), resized(first, at, 0)))) {
    throw wrongShape('concat', xs, `all axes but ${at} must be equal`);
  }
  const sizes = xs.map((x) => x.shape[at]);
  const total = sizes.reduce((a, b) => a + b, 0);
  const y = run({ kind: 'concat', axis: at }, xs, resized(first, at, total));
  return track('concat', y, xs, (needs) => (dy) => {
    let offset = 0;
    return sizes.map((size, i) => {
      const start = first.map((_, a) => (a === at ? offset : 0));
      offset += size;
      return needs[i] ? slice(dy, start, resized(first, at, size)) : undefined;
    });
  });
}

/** Pieces of the given sizes (or that many equal pieces) along `axis` (the last). */
export function split(input: Tensor, pieces: number | readonly number[], axis = -1): Tensor[] {
  const x = device(input, 'split');
  const at = axisOf('split', axis, x.shape.length);
  const sizes =
    typeof pieces === 'number' ? new Array<number>(pieces).fill(x.shape[at] / pieces) : pieces;
  if (
    sizes.reduce((a, b) => a + b, 0) !== x.shape[at] ||
    !sizes.every((n) => Number.isInteger(n) && n >= 0)
  ) {
    throw wrongShape('split', [x], `axis ${at} does not divide into ${String(pieces)}`);
  }
  let offset = 0;
  const parts = sizes.map((size) => {
    const start = x.shape.map((_, a) => (a === at ? offset : 0));
    offset += size;
    const part = run({ kind: 'slice', start }, [x], resized(x.shape, at, size));
    part.storage.bounds = x.storage.bounds;
    return part;
  });
  trackAll('split', parts, [x], () => {
    const shapes = parts.map((part) => part.shape);
    return (dys) => [
      concat(
        shapes.map((shape, i) => dys[i] ?? zeros(x.backend, shape, x.dtype)),
        at,
      ),
    ];
  });
  return parts;
}

/** Throws unless the block of `size` at `start` lies within `shape`. */
export function checkBlock(op: string, start: readonly number[], size: Shape, shape: Shape): void {
  const inside =
    start.length === shape.length &&
    size.length === shape.length &&
    shape.every(
      (n, i) =>
        Number.isInteger(start[i]) &&
        Number.isInteger(size[i]) &&
        start[i] >= 0 &&
        size[i] >= 0 &&
        start[i] + size[i] <= n,
    );
  if (inside) return;
  throw new HeddleError(
    'shape-mismatch',
    `${op}: the block of [${size.join(', ')}] at [${start.join(', ')}] does not lie within [${shape.join(', ')}].`,
    { op, shapes: [start, size, shape] },
  );
}

function resized(shape: Shape, axis: number, size: number): number[] {
  return shape.map((n, i) => (i === axis ? size : n));
}
