import { type FusedOp, HeddleError, type Params, type Tensor } from '@heddle/core';
import { graphOf } from '../graph.js';
import { add, div, minimum, mul } from '../ops/binary.js';
import { sum } from '../ops/reduce.js';
import { sqrt, square } from '../ops/unary.js';
import { backendOf, run } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating } from '../tensor.js';
import { checkRange } from './update.js';

/** The square root of the sum of all squares, over all tensors: a scalar. */
export function globalNorm(grads: Params): Tensor {
  const all = Object.values(grads).map((x) => floating(x, 'globalNorm'));
  if (all.length === 0) {
    throw new HeddleError('invalid-argument', 'globalNorm: given no tensors; give at least one.', {
      argument: 'grads',
      given: [],
    });
  }
  const backend = backendOf('globalNorm', all);
  const op: FusedOp = { kind: 'sumOfSquares' };
  return scoped(() => {
    const fused = backend.supports(op, all[0].dtype) && !graphOf('globalNorm', all);
    return sqrt(fused ? run(op, all, [], 'f32') : sumOfSquares(all));
  });
}

function sumOfSquares(all: readonly DeviceTensor[]): Tensor {
  return all.map((x) => sum(square(x))).reduce((total, one) => add(total, one));
}

/**
 * What gradients of this norm are multiplied by so that it is at most `maxNorm`:
 * min(1, maxNorm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_ (Pascanu et al. 2013). NaN if the norm
 * is not finite, so that an optimizer then changes nothing.
 */
export function clipScale(norm: Tensor, maxNorm: number): Tensor {
  checkRange('clipScale', 'maxNorm', maxNorm, maxNorm > 0);
  return scoped(() => {
    const factor = minimum(div(maxNorm, add(norm, 1e-6)), 1);
    return add(factor, mul(norm, 0));
  });
}
