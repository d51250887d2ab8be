import { generate, type Spec, type Value } from './value.js';

/** (logits [N, V], targets i32 [N]) -> (loss [N], logSumExp [N]). */
export function crossEntropy(
  ignoreIndex: number,
  logits: Value,
  targets: Value,
  [loss, lse]: readonly Spec[],
): Value[] {
  const classes = logits.shape[1];
  const sums = generate(lse, (_, row) => {
    const scores = logits.data.subarray(row * classes, (row + 1) * classes);
    const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    return largest + Math.log(scores.reduce((sum, x) => sum + Math.exp(x - largest), 0));
  });
  const losses = generate(loss, (_, row) => {
    const target = targets.data[row];
    return target === ignoreIndex ? 0 : sums.data[row] - logits.data[row * classes + target];
  });
  return [losses, sums];
}

/** (logits, targets, logSumExp, dloss [N]) -> dlogits. */
export function crossEntropyBackward(
  ignoreIndex: number,
  [logits, targets, lse, dloss]: readonly Value[],
  output: Spec,
): Value {
  return generate(output, ([row, column], flat) => {
    if (targets.data[row] === ignoreIndex) return 0;
    const probability = Math.exp(logits.data[flat] - lse.data[row]);
    return dloss.data[row] * (probability - (column === targets.data[row] ? 1 : 0));
  });
}
