import type { FusedOp, OpKind, PrimitiveOp } from '@heddle/core';
import { activations } from './activation.js';
import { optimizers } from './adamw.js';
import { attention } from './attention.js';
import { attentionBackward } from './attention-backward.js';
import { creations } from './create.js';
import { crossEntropies } from './cross-entropy.js';
import { elementwise } from './elementwise.js';
import { indexed } from './indexed.js';
import { layout } from './layout.js';
import { products } from './matmul.js';
import { norms } from './norm.js';
import type { Computes } from './operation.js';
import { reductions } from './reduce.js';
import { rotary } from './rope.js';
import { softmaxes } from './softmax.js';

/** What `@heddle/tensor` composes at least as well: activations beside products, and dropout, exact to the bit. */
type Composed =
  | 'linearActivation'
  | 'activationLinearBackward'
  | 'linearBackwardWeight'
  | 'dropout';

type Claimed = PrimitiveOp['kind'] | Exclude<FusedOp['kind'], Composed>;

/** The operations that run as kernels of gpu.js. */
const computes: Computes<Claimed> = {
  ...elementwise,
  ...products,
  ...reductions,
  ...layout,
  ...indexed,
  ...creations,
  ...activations,
  ...softmaxes,
  ...crossEntropies,
  ...norms,
  ...rotary,
  attention,
  attentionBackward,
  ...optimizers,
};

/** The operations by kind. */
export const operations: ReadonlyMap<string, Computes<Claimed>[Claimed]> = new Map<
  OpKind,
  Computes<Claimed>[Claimed]
>(Object.entries(computes) as [Claimed, Computes<Claimed>[Claimed]][]);
