import { type FusedOp, sameShape, sizeOf, type Tensor } from '@heddle/core';
import { iota } from '../create.js';
import { track } from '../graph.js';
import { add, mul, sub } from '../ops/binary.js';
import { equal, select } from '../ops/compare.js';
import { checkIds, gather, scatterAdd } from '../ops/gather.js';
import { reshape } from '../ops/layout.js';
import { exp } from '../ops/unary.js';
import { backendOf, run, runAll, runInto } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, integer, viewOf, wrongShape } from '../tensor.js';
import { softmaxWithSum } from './softmax.js';

export interface CrossEntropyOptions {
  /** Positions with this target count for nothing; -100 as in PyTorch. */
  readonly ignoreIndex?: number;
}

/**
 * -log softmax(logits)[target] of every position, 0 where the target is `ignoreIndex`.
 * logits: [..., V], targets: i32 [...] -> f32 [...].
 */
export function crossEntropy(
  logitsInput: Tensor,
  targetsInput: Tensor,
  { ignoreIndex = -100 }: CrossEntropyOptions = {},
): Tensor {
  const logits = floating(logitsInput, 'crossEntropy');
  const targets = integer(targetsInput, 'crossEntropy');
  backendOf('crossEntropy', [logits, targets]);
  const outer = logits.shape.slice(0, -1);
  const classes = logits.shape.at(-1);
  if (!classes || !sameShape(outer, targets.shape)) {
    throw wrongShape('crossEntropy', [logits, targets], 'logits [..., V] need targets [...]');
  }
  checkIds('crossEntropy', targets, classes, ignoreIndex);
  const n = sizeOf(outer);
  const losses = rowLosses(
    reshape(logits, [n, classes]) as DeviceTensor,
    reshape(targets, [n]) as DeviceTensor,
    ignoreIndex,
  );
  return reshape(losses, outer);
}

/** logits: [N, V], targets: [N] -> [N]. */
function rowLosses(x: DeviceTensor, targets: DeviceTensor, ignoreIndex: number): Tensor {
  const op: FusedOp = { kind: 'crossEntropy', ignoreIndex };
  const perRow = { shape: targets.shape, dtype: 'f32' } as const;
  const [loss, logSumExp] = x.backend.supports(op, x.dtype)
    ? runAll(op, [x, targets], [perRow, perRow])
    : scoped(() => composed(viewOf(x), targets, ignoreIndex));
  return track('crossEntropy', loss, [x], (_, save) => {
    const saved = [x, targets, logSumExp].map(save);
    return (dloss) => [crossEntropyBackward(saved, dloss as DeviceTensor, ignoreIndex)];
  });
}

function composed(x: DeviceTensor, targets: DeviceTensor, ignoreIndex: number): DeviceTensor[] {
  const rows = targets.shape;
  const { at, ignored } = targetPlaces(x, targets, ignoreIndex);
  const lse = reshape(softmaxWithSum(x).logSumExp, rows);
  const picked = gather(reshape(x, [-1]), at);
  return [select(ignored, 0, sub(lse, picked)), lse] as DeviceTensor[];
}

/** (softmax - one-hot of the target) dloss; in place of the logits if nobody else has them. */
function crossEntropyBackward(
  saved: readonly DeviceTensor[],
  dloss: DeviceTensor,
  ignoreIndex: number,
): Tensor {
  const [x, targets, lse] = saved;
  const op: FusedOp = { kind: 'crossEntropyBackward', ignoreIndex };
  if (x.backend.supports(op, x.dtype)) {
    if (x.storage.shared) return run(op, [...saved, dloss], x.shape);
    runInto(op, [...saved, dloss], [x]);
    return x;
  }
  const { at, ignored } = targetPlaces(x, targets, ignoreIndex);
  const weight = select(ignored, 0, dloss);
  const column = [x.shape[0], 1];
  const probabilities = exp(sub(x, reshape(lse, column)));
  const shares = select(reshape(ignored, column), 0, mul(probabilities, reshape(dloss, column)));
  return reshape(scatterAdd(reshape(shares, [-1]), at, mul(weight, -1)), x.shape);
}

/** Where in the flat logits each target is (0 in its row if ignored), and which are ignored. */
function targetPlaces(
  x: DeviceTensor,
  targets: DeviceTensor,
  ignoreIndex: number,
): { at: Tensor; ignored: Tensor } {
  const [n, classes] = x.shape;
  const ignored = equal(targets, ignoreIndex);
  const column = select(ignored, 0, targets);
  return { at: add(mul(iota(x.backend, n), classes), column), ignored };
}
