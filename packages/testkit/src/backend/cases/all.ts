import { activationCases } from './activation.js';
import { attentionCases } from './attention.js';
import type { CaseGroup } from './case.js';
import { createCases } from './create.js';
import { elementwiseCases } from './elementwise.js';
import { layoutCases } from './layout.js';
import { linearCases } from './linear.js';
import { matmulCases } from './matmul.js';
import { normalizationCases } from './normalization.js';
import { reduceCases } from './reduce.js';
import { trainingCases } from './training.js';

/** Every operation of the contract, each under the aspects that matter for it. */
export function allCases(): CaseGroup[] {
  return [
    ...elementwiseCases(),
    ...matmulCases(),
    ...reduceCases(),
    ...layoutCases(),
    ...createCases(),
    ...linearCases(),
    ...activationCases(),
    ...normalizationCases(),
    ...attentionCases(),
    ...trainingCases(),
  ];
}
