import type { Tensor } from '@tensorflow/tfjs-core';
import type { Kernels, OpOf } from '../../kernel.js';
import type { HostMemory, Numbers } from './memory.js';

type AdamW = OpOf<'adamw'>;

/** One pass over each parameter, where operations of tfjs would take some fifteen. */
export function optimizerKernels(memory: HostMemory): Kernels<'adamw' | 'sumOfSquares'> {
  return {
    adamw(op, [scale, ...operands]) {
      const results: Tensor[] = [];
      for (let i = 0; i < operands.length; i += 4) {
        const [p, g, m, v] = operands.slice(i, i + 4);
        const made = [p, m, v].map((x) => memory.make(x.shape, 'float32'));
        const numbers = [p, g, m, v, ...made].map((x) => memory.numbers(x));
        update(op, memory.numbers(scale)[0], numbers);
        results.push(...made);
      }
      return results;
    },

    sumOfSquares(_op, inputs) {
      const result = memory.make([], 'float32');
      let sum = 0;
      for (const x of inputs) for (const value of memory.numbers(x)) sum += value * value;
      memory.numbers(result)[0] = sum;
      return result;
    },
  };
}

/** numbers: p, g, m, v, then where the new p, m and v go. */
function update(op: AdamW, scale: number, numbers: readonly Numbers[]): void {
  const [p, g, m, v, newP, newM, newV] = numbers;
  if (!Number.isFinite(scale)) {
    newP.set(p);
    newM.set(m);
    newV.set(v);
    return;
  }
  const { lr, beta1, beta2, epsilon, weightDecay, step } = op;
  const rate = lr / (1 - beta1 ** step);
  const root = 1 / Math.sqrt(1 - beta2 ** step);
  const kept = 1 - lr * weightDecay;
  for (let i = 0; i < p.length; i++) {
    const gradient = g[i] * scale;
    const mean = beta1 * m[i] + (1 - beta1) * gradient;
    const squares = beta2 * v[i] + (1 - beta2) * gradient * gradient;
    newM[i] = mean;
    newV[i] = squares;
    newP[i] = kept * p[i] - (rate * mean) / (Math.sqrt(squares) * root + epsilon);
  }
}
