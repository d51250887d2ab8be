import type { FusedOp, Optimizer, Shape, UpdateContext } from '@heddle/core';
import { add, div, mul, sub } from '../ops/binary.js';
import { sqrt, square } from '../ops/unary.js';
import { runInto } from '../run.js';
import type { DeviceTensor } from '../tensor.js';
import { checkRange, checkUpdate, type Slot, slots, updateEach, zeroState } from './update.js';

export interface AdamWOptions {
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0.01. Multiplied by the learning rate. */
  readonly weightDecay?: number;
  /** Which parameters decay; default those of two axes or more, so not biases and norms. */
  readonly decay?: (name: string, shape: Shape) => boolean;
}

type AdamWOp = Extract<FusedOp, { kind: 'adamw' }>;

/** AdamW (Loshchilov & Hutter 2019), with the update of torch.optim.AdamW. State: `m.<name>`, `v.<name>`. */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const decays = options.decay ?? ((_, shape) => shape.length >= 2);
  checkRange('adamw', 'beta1', beta1, beta1 >= 0 && beta1 < 1);
  checkRange('adamw', 'beta2', beta2, beta2 >= 0 && beta2 < 1);
  checkRange('adamw', 'epsilon', epsilon, epsilon > 0);
  checkRange('adamw', 'weightDecay', weightDecay, weightDecay >= 0);
  return {
    name: 'adamw',
    init: (params) => zeroState(params, ['m', 'v']),
    update(params, grads, state, at) {
      const scale = checkUpdate('adamw', at);
      const all = slots('adamw', params, grads, state, ['m', 'v'], scale);
      const base = { kind: 'adamw', beta1, beta2, epsilon, lr: at.lr, step: at.step } as const;
      const groups = [
        { weightDecay, members: all.filter((s) => decays(s.name, s.param.shape)) },
        { weightDecay: 0, members: all.filter((s) => !decays(s.name, s.param.shape)) },
      ];
      for (const group of groups) {
        updateGroup({ ...base, weightDecay: group.weightDecay }, scale, group.members, at);
      }
    },
  };
}

function updateGroup(
  op: AdamWOp,
  scale: DeviceTensor,
  members: readonly Slot[],
  at: UpdateContext,
): void {
  if (members.length === 0) return;
  const { backend, dtype } = members[0].param;
  if (backend.supports(op, dtype)) {
    const inputs = members.flatMap(({ param, grad, state }) => [param, grad, ...state]);
    const outputs = members.flatMap(({ param, state }) => [param, ...state]);
    runInto(op, [scale, ...inputs], outputs);
    return;
  }
  const { lr, beta1, beta2, epsilon, weightDecay } = op;
  const correction1 = 1 - beta1 ** at.step;
  const correction2 = 1 - beta2 ** at.step;
  updateEach(members, scale, ({ param, state: [m, v] }, g) => {
    const mean = add(mul(m, beta1), mul(g, 1 - beta1));
    const squares = add(mul(v, beta2), mul(square(g), 1 - beta2));
    const root = add(mul(sqrt(squares), 1 / Math.sqrt(correction2)), epsilon);
    const step = mul(div(mean, root), lr / correction1);
    return [sub(mul(param, 1 - lr * weightDecay), step), mean, squares];
  });
}
