import { type Shape, sameShape, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { run } from '../run.js';
import { broadcastShapes, checkShape } from '../shapes.js';
import { device, viewOf, wrongShape } from '../tensor.js';
import { reshape } from './layout.js';
import { sum } from './reduce.js';
import { aliasOf } from './unary.js';

/** x repeated along axes that are missing or 1, up to `shape`. */
export function broadcastTo(input: Tensor, shape: Shape): Tensor {
  const x = device(input, 'broadcastTo');
  const target = checkShape('broadcastTo', shape);
  if (sameShape(x.shape, target)) return aliasOf(x);
  const common = broadcastShapes([x.shape, target]);
  if (!common || !sameShape(common, target)) {
    throw wrongShape('broadcastTo', [x], `it cannot be repeated to [${target.join(', ')}]`);
  }
  const y = run({ kind: 'broadcast' }, [x], target);
  return track('broadcastTo', y, [x], () => (dy) => [reduceTo(dy, x.shape)]);
}

/** The same elements in memory of their own. */
export function copy(input: Tensor): Tensor {
  const x = device(input, 'copy');
  const y = run({ kind: 'broadcast' }, [x], x.shape);
  y.storage.bounds = x.storage.bounds;
  return track('copy', y, [x], () => (dy) => [dy]);
}

/** The derivative of `broadcastTo`: x summed over the axes along which `shape` was repeated. */
export function reduceTo(input: Tensor, shape: Shape): Tensor {
  const x = device(input, 'reduceTo');
  if (sameShape(x.shape, shape)) return viewOf(x);
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((n, i) => (i < added || shape[i - added] !== n ? [i] : []));
  return reshape(sum(x, { axes, keepDims: true }), shape);
}
