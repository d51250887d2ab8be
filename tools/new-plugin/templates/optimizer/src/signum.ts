import { HeddleError, type Optimizer } from '@heddle/core';
import { add, assign, equal, keep, mul, scoped, select, sign, sub, zeros } from '@heddle/tensor';

export interface SignumOptions {
  /** Decay of the average gradient, from 0 to below 1. Default 0.9. */
  readonly momentum?: number;
}

/** Steps of size lr by the sign of the average gradient (Bernstein et al. 2018). State: the average of each parameter. */
export function signum({ momentum = 0.9 }: SignumOptions = {}): Optimizer {
  if (!(momentum >= 0 && momentum < 1)) {
    throw new HeddleError(
      'invalid-argument',
      `signum: momentum cannot be ${momentum}; it must be from 0 to below 1.`,
      { argument: 'momentum', given: String(momentum) },
    );
  }
  return {
    name: 'part-name',
    init: (params) =>
      Object.fromEntries(
        Object.entries(params).map(([name, p]) => [name, keep(zeros(p.backend, p.shape))]),
      ),
    update(params, grads, state, { lr, scale }) {
      scoped(() => {
        const finite = equal(sub(scale, scale), 0); // NaN and infinities minus themselves are NaN
        for (const [name, grad] of Object.entries(grads)) {
          const [param, average] = [params[name], state[name]];
          const next = add(mul(average, momentum), mul(mul(grad, scale), 1 - momentum));
          const moved = sub(param, mul(sign(next), lr));
          assign(param, select(finite, moved, param));
          assign(average, select(finite, next, average));
        }
      });
    },
  };
}
