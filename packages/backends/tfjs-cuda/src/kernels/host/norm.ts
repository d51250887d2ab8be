import type { Kernels } from '../../kernel.js';
import type { HostMemory, Numbers } from './memory.js';

/** The engine's own mean of large numbers is too far off; sums here are doubles. */
export function layerNormKernel(memory: HostMemory): Kernels<'layerNorm'> {
  return {
    layerNorm({ epsilon }, [input, gain, bias], outputs) {
      const results = outputs.map(({ shape }) => memory.make(shape, 'float32'));
      const [x, g, b, y, means, roots] = [input, gain, bias, ...results].map((t) =>
        memory.numbers(t),
      );
      const width = g.length;
      for (let row = 0; row < means.length; row++) {
        const from = row * width;
        const { mean, variance } = moments(x, from, from + width);
        const rstd = 1 / Math.sqrt(variance + epsilon);
        means[row] = mean;
        roots[row] = rstd;
        for (let i = 0; i < width; i++) y[from + i] = (x[from + i] - mean) * rstd * g[i] + b[i];
      }
      return results;
    },
  };
}

function moments(x: Numbers, from: number, to: number): { mean: number; variance: number } {
  let sum = 0;
  for (let i = from; i < to; i++) sum += x[i];
  const mean = sum / (to - from);
  let squares = 0;
  for (let i = from; i < to; i++) squares += (x[i] - mean) ** 2;
  return { mean, variance: squares / (to - from) };
}
