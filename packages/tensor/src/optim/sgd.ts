import type { Optimizer } from '@heddle/core';
import { add, mul, sub } from '../ops/binary.js';
import { checkRange, checkUpdate, slots, updateEach, zeroState } from './update.js';

export interface SgdOptions {
  /** Share of the last direction that is kept, in [0, 1); default 0. */
  readonly momentum?: number;
  /** Looks ahead along the momentum (Sutskever et al. 2013); default false. */
  readonly nesterov?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  readonly weightDecay?: number;
}

/** Stochastic gradient descent, with the update of torch.optim.SGD. State: `momentum.<name>`. */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
  checkRange('sgd', 'momentum', momentum, momentum >= 0 && momentum < 1);
  checkRange('sgd', 'weightDecay', weightDecay, weightDecay >= 0);
  checkRange('sgd', 'momentum with nesterov', momentum, !nesterov || momentum > 0);
  const prefixes = momentum > 0 ? ['momentum'] : [];
  return {
    name: 'sgd',
    init: (params) => zeroState(params, prefixes),
    update(params, grads, state, at) {
      const scale = checkUpdate('sgd', at);
      updateEach(
        slots('sgd', params, grads, state, prefixes, scale),
        scale,
        ({ param, state: [b] }, g) => {
          const grad = weightDecay > 0 ? add(g, mul(param, weightDecay)) : g;
          const velocity = b ? add(mul(b, momentum), grad) : grad;
          const direction = nesterov ? add(grad, mul(velocity, momentum)) : velocity;
          const next = sub(param, mul(direction, at.lr));
          return b ? [next, velocity] : [next];
        },
      );
    },
  };
}
