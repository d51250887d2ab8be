import type { Kernels } from '../kernel.js';
import { activations } from './activation.js';
import { optimizers } from './adamw.js';
import { attentions } from './attention.js';
import { crossEntropies } from './cross-entropy.js';
import { elementwise } from './elementwise.js';
import { gathers } from './gather.js';
import { layout } from './layout.js';
import { linearActivations } from './linear.js';
import { matmul } from './matmul.js';
import { norms } from './norm.js';
import { random } from './random.js';
import { reductions } from './reduce.js';
import { rotary } from './rope.js';
import { softmax } from './softmax.js';

/** The reference kernels: plain TypeScript for every operation, written to be read; they judge all others. */
export const referenceKernels: Kernels = {
  ...elementwise,
  ...matmul,
  ...linearActivations,
  ...reductions,
  ...layout,
  ...gathers,
  ...random,
  ...activations,
  ...softmax,
  ...norms,
  ...rotary,
  ...attentions,
  ...crossEntropies,
  ...optimizers,
};
