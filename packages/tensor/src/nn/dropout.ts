import { type FusedOp, HeddleError, type RngKey, type Tensor } from '@heddle/core';
import { uniform } from '../create.js';
import { track } from '../graph.js';
import { mul } from '../ops/binary.js';
import { less, select } from '../ops/compare.js';
import { aliasOf } from '../ops/unary.js';
import { run } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, viewOf } from '../tensor.js';

/**
 * Zeroes each element with probability `rate`, and divides the others by 1 - rate (Srivastava et al.
 * 2014). The key decides which: the same on every backend.
 */
export function dropout(input: Tensor, rate: number, key: RngKey): Tensor {
  const x = floating(input, 'dropout');
  if (!(rate >= 0 && rate < 1)) {
    throw new HeddleError('invalid-argument', `dropout: rate must be in [0, 1), given ${rate}.`, {
      argument: 'rate',
      given: String(rate),
    });
  }
  if (rate === 0) return aliasOf(x);
  const y = drop(x, rate, key);
  return track('dropout', y, [x], () => (dy) => [drop(dy as DeviceTensor, rate, key)]);
}

function drop(x: DeviceTensor, rate: number, key: RngKey): DeviceTensor {
  const op: FusedOp = { kind: 'dropout', rate, key };
  if (x.backend.supports(op, x.dtype)) return run(op, [x], x.shape);
  return scoped(() => {
    const draws = uniform(x.backend, key, x.shape);
    const threshold = Math.ceil(rate * 2 ** 24) * 2 ** -24; // draws are multiples of 2^-24: exact in f32
    return select(less(draws, threshold), 0, mul(viewOf(x), 1 / (1 - rate))) as DeviceTensor;
  });
}
