import type { Kernels } from '../kernel.js';

/** Loshchilov & Hutter 2019, in the order of operations of torch.optim.AdamW. */
export const optimizers: Kernels<'adamw'> = {
  adamw({ lr, beta1, beta2, epsilon, weightDecay, step }, [scale, ...inputs], outputs) {
    const factor = scale.data[0];
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    for (let n = 0; n < inputs.length / 4; n++) {
      const [p0, g, m0, v0] = inputs.slice(4 * n, 4 * n + 4).map((operand) => operand.data);
      const [p, m, v] = outputs.slice(3 * n, 3 * n + 3).map((operand) => operand.data);
      for (let i = 0; i < p.length; i++) {
        if (!Number.isFinite(factor)) {
          p[i] = p0[i];
          m[i] = m0[i];
          v[i] = v0[i];
          continue;
        }
        const gradient = g[i] * factor;
        const mean = beta1 * m0[i] + (1 - beta1) * gradient;
        const square = beta2 * v0[i] + (1 - beta2) * gradient * gradient;
        const change = mean / correction1 / (Math.sqrt(square) / correction2 + epsilon);
        p[i] = p0[i] * (1 - lr * weightDecay) - lr * change;
        m[i] = mean;
        v[i] = square;
      }
    }
  },
};
