import { activationCases } from './activation.js';
import { attentionCases } from './attention.js';
import { binaryCases } from './binary.js';
import type { CaseGroup } from './case.js';
import { castCases } from './cast.js';
import { createCases } from './create.js';
import { indexedCases } from './indexed.js';
import { layoutCases } from './layout.js';
import { linearCases } from './linear.js';
import { matmulCases } from './matmul.js';
import { normalizationCases } from './normalization.js';
import { reduceCases } from './reduce.js';
import { selectCases } from './select.js';
import { trainingCases } from './training.js';
import { unaryCases } from './unary.js';

/** Every operation of the contract, each under the aspects that matter for it. */
export function allCases(): CaseGroup[] {
  return [
    ...unaryCases(),
    ...binaryCases(),
    ...selectCases(),
    ...castCases(),
    ...matmulCases(),
    ...reduceCases(),
    ...layoutCases(),
    ...indexedCases(),
    ...createCases(),
    ...linearCases(),
    ...activationCases(),
    ...normalizationCases(),
    ...attentionCases(),
    ...trainingCases(),
  ];
}
