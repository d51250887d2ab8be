import type { FusedOp } from '@heddle/core';
import { generate, type Spec, type Value } from './value.js';

type AdamW = Extract<FusedOp, { kind: 'adamw' }>;

/** (scale, then p, g, m, v of each parameter) -> (p, m, v of each): the update of torch.optim.AdamW. */
export function adamw(op: AdamW, inputs: readonly Value[], outputs: readonly Spec[]): Value[] {
  const { lr, beta1, beta2, epsilon, weightDecay, step } = op;
  const scale = inputs[0].data[0];
  const results: Value[] = [];
  for (let at = 1; at < inputs.length; at += 4) {
    const [p, g, m, v] = inputs.slice(at, at + 4);
    const [newP, newM, newV] = outputs.slice(results.length, results.length + 3);
    if (!Number.isFinite(scale)) {
      results.push(
        generate(newP, (_, i) => p.data[i]),
        generate(newM, (_, i) => m.data[i]),
        generate(newV, (_, i) => v.data[i]),
      );
      continue;
    }
    const first = generate(newM, (_, i) => beta1 * m.data[i] + (1 - beta1) * scale * g.data[i]);
    const second = generate(
      newV,
      (_, i) => beta2 * v.data[i] + (1 - beta2) * (scale * g.data[i]) ** 2,
    );
    const updated = generate(newP, (_, i) => {
      const denominator = Math.sqrt(second.data[i]) / Math.sqrt(1 - beta2 ** step) + epsilon;
      const change = ((lr / (1 - beta1 ** step)) * first.data[i]) / denominator;
      return p.data[i] * (1 - lr * weightDecay) - change;
    });
    results.push(updated, first, second);
  }
  return results;
}
