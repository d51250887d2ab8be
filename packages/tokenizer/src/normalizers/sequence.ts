import type { Normalizer } from '../parts.js';

/** Normalizers, one after the other. */
export function normalizerSequence(steps: readonly Normalizer[]): Normalizer {
  return {
    normalize: (text) => steps.reduce((changed, step) => step.normalize(changed), text),
    toJSON: () => ({ type: 'Sequence', normalizers: steps.map((step) => step.toJSON()) }),
  };
}
