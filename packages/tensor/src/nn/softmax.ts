import type { FusedOp, Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { add, div, maximum, mul, sub } from '../ops/binary.js';
import { equal, select } from '../ops/compare.js';
import { max, sum } from '../ops/reduce.js';
import { exp, log } from '../ops/unary.js';
import { run } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, viewOf, wrongShape } from '../tensor.js';

const LAST = { axes: [-1], keepDims: true };
const LOWEST = -3.4028234663852886e38;

/** e^x / sum e^x over the last axis. A row of -Infinity alone gives zeros. x: [..., N]. */
export function softmax(input: Tensor): Tensor {
  const x = rows('softmax', input);
  const op: FusedOp = { kind: 'softmax' };
  const y = x.backend.supports(op, x.dtype)
    ? run(op, [x], x.shape)
    : scoped(() => softmaxWithSum(viewOf(x)).probabilities as DeviceTensor);
  return track('softmax', y, [x], (_, save) => {
    const p = save(y);
    return (dy) => [softmaxBackward(p, dy as DeviceTensor)];
  });
}

function softmaxBackward(y: DeviceTensor, dy: DeviceTensor): Tensor {
  const op: FusedOp = { kind: 'softmaxBackward' };
  if (y.backend.supports(op, y.dtype)) return run(op, [y, dy], y.shape);
  return mul(y, sub(dy, sum(mul(y, dy), LAST)));
}

/** log(softmax(x)) over the last axis; -Infinity for a row of -Infinity alone. x: [..., N]. */
export function logSoftmax(input: Tensor): Tensor {
  const x = rows('logSoftmax', input);
  const y = scoped(() => {
    const { shifted, sum: total } = softmaxWithSum(viewOf(x));
    return sub(shifted, log(total)) as DeviceTensor;
  });
  return track('logSoftmax', y, [x], (_, save) => {
    const logs = save(y);
    return (dy) => [sub(dy, mul(exp(logs), sum(dy, LAST)))];
  });
}

/**
 * Softmax out of primitives: the largest element is subtracted, so nothing overflows. For a row of
 * -Infinity alone the sum is given as 1, the probabilities are zeros, and logSumExp is -Infinity.
 * x: [..., N] -> shifted, probabilities [..., N]; sum, logSumExp [..., 1].
 */
export function softmaxWithSum(x: Tensor): {
  shifted: Tensor;
  probabilities: Tensor;
  sum: Tensor;
  logSumExp: Tensor;
} {
  const largest = maximum(max(x, LAST), LOWEST); // finite, so that -Infinity - largest is not NaN
  const shifted = sub(x, largest);
  const e = exp(shifted);
  const total = sum(e, LAST);
  const empty = equal(total, 0);
  const divisor = select(empty, 1, total);
  const logSumExp = select(empty, Number.NEGATIVE_INFINITY, add(largest, log(divisor)));
  return { shifted, probabilities: div(e, divisor), sum: divisor, logSumExp };
}

function rows(op: string, input: Tensor): DeviceTensor {
  const x = floating(input, op);
  if (x.shape.length === 0) throw wrongShape(op, [x], 'it needs an axis to go over');
  return x;
}
