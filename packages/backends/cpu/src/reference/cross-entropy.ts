import { checkIndices } from '../indices.js';
import type { Kernels } from '../kernel.js';

export const crossEntropies: Kernels<'crossEntropy' | 'crossEntropyBackward'> = {
  crossEntropy({ kind, ignoreIndex }, [logits, targets], [loss, logSumExp]) {
    const [n, v] = logits.shape;
    checkIndices(kind, targets.data, v, ignoreIndex);
    for (let row = 0; row < n; row++) {
      const at = row * v;
      let max = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < v; i++) max = Math.max(max, logits.data[at + i]);
      let sum = 0;
      for (let i = 0; i < v; i++) sum += Math.exp(logits.data[at + i] - max);
      const lse = max + Math.log(sum);
      const target = targets.data[row];
      loss.data[row] = target === ignoreIndex ? 0 : lse - logits.data[at + target];
      logSumExp.data[row] = lse;
    }
  },

  crossEntropyBackward({ kind, ignoreIndex }, [logits, targets, logSumExp, dloss], [dlogits]) {
    const [n, v] = logits.shape;
    checkIndices(kind, targets.data, v, ignoreIndex);
    for (let row = 0; row < n; row++) {
      const at = row * v;
      const target = targets.data[row];
      if (target === ignoreIndex) {
        dlogits.data.fill(0, at, at + v);
        continue;
      }
      const lse = logSumExp.data[row];
      const scale = dloss.data[row];
      for (let i = 0; i < v; i++) {
        const p = Math.exp(logits.data[at + i] - lse);
        dlogits.data[at + i] = scale * (i === target ? p - 1 : p);
      }
    }
  },
};
