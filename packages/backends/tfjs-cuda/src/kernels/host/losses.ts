import type { Kernels } from '../../kernel.js';
import type { HostMemory } from './memory.js';
import { logSumExp, softmaxInPlace } from './rowwise.js';

type Kind = 'softmax' | 'crossEntropy' | 'crossEntropyBackward';

/** What goes over rows and takes exponentials. */
export function lossKernels(memory: HostMemory): Kernels<Kind> {
  return {
    softmax(_op, [x], [{ shape }]) {
      const result = memory.make(shape, 'float32');
      const y = memory.numbers(result);
      y.set(memory.numbers(x));
      const n = shape[shape.length - 1];
      for (let at = 0; at < y.length; at += n) softmaxInPlace(y, at, n, logSumExp(y, at, n));
      return result;
    },

    crossEntropy({ ignoreIndex }, [logits, targets]) {
      const results = [
        memory.make(targets.shape, 'float32'),
        memory.make(targets.shape, 'float32'),
      ];
      const [x, target, loss, sums] = [logits, targets, ...results].map((t) => memory.numbers(t));
      const classes = logits.size / targets.size;
      for (let row = 0; row < target.length; row++) {
        const at = row * classes;
        const lse = logSumExp(x, at, classes);
        sums[row] = lse;
        loss[row] = target[row] === ignoreIndex ? 0 : lse - x[at + target[row]];
      }
      return results;
    },

    crossEntropyBackward({ ignoreIndex }, [logits, targets, logSumExps, dloss]) {
      const result = memory.make(logits.shape, 'float32');
      const [x, target, sums, weights, dx] = [logits, targets, logSumExps, dloss, result].map((t) =>
        memory.numbers(t),
      );
      const classes = logits.size / targets.size;
      for (let row = 0; row < target.length; row++) {
        const at = row * classes;
        if (target[row] === ignoreIndex) {
          dx.fill(0, at, at + classes);
          continue;
        }
        const weight = weights[row];
        for (let i = at; i < at + classes; i++) dx[i] = Math.exp(x[i] - sums[row]) * weight;
        dx[at + target[row]] -= weight;
      }
      return result;
    },
  };
}
