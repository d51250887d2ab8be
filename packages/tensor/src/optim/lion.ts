import type { Optimizer, Shape } from '@heddle/core';
import { add, mul, sub } from '../ops/binary.js';
import { sign } from '../ops/unary.js';
import { checkRange, checkUpdate, slots, updateEach, zeroState } from './update.js';

export interface LionOptions {
  /** Share of the momentum in the direction of a step; default 0.9. */
  readonly beta1?: number;
  /** Decay of the momentum; default 0.99. */
  readonly beta2?: number;
  /** Default 0. Multiplied by the learning rate, which is best 3 to 10 times smaller than AdamW's. */
  readonly weightDecay?: number;
  /** Which parameters decay; default those of two axes or more, so not biases and norms. */
  readonly decay?: (name: string, shape: Shape) => boolean;
}

/** Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"). State: `m.<name>`. */
export function lion(options: LionOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
  const decays = options.decay ?? ((_, shape) => shape.length >= 2);
  checkRange('lion', 'beta1', beta1, beta1 >= 0 && beta1 < 1);
  checkRange('lion', 'beta2', beta2, beta2 >= 0 && beta2 < 1);
  checkRange('lion', 'weightDecay', weightDecay, weightDecay >= 0);
  return {
    name: 'lion',
    init: (params) => zeroState(params, ['m']),
    update(params, grads, state, at) {
      const scale = checkUpdate('lion', at);
      updateEach(
        slots('lion', params, grads, state, ['m'], scale),
        scale,
        ({ name, param, state: [m] }, g) => {
          const direction = sign(add(mul(m, beta1), mul(g, 1 - beta1)));
          const rate = decays(name, param.shape) ? weightDecay : 0;
          const next = sub(mul(param, 1 - at.lr * rate), mul(direction, at.lr));
          return [next, add(mul(m, beta2), mul(g, 1 - beta2))];
        },
      );
    },
  };
}
