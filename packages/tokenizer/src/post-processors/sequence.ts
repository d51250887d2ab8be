import type { PostProcessor } from '../parts.js';
import { plainLayout } from './layout.js';

/** One after the other; at most one of them lays texts out. */
export function sequencePostProcessor(steps: readonly PostProcessor[]): PostProcessor {
  const adjusting = steps.filter((step) => step.adjustOffsets !== undefined);
  return {
    layout: steps.find((step) => step.layout !== plainLayout)?.layout ?? plainLayout,
    ...(adjusting.length > 0 && {
      adjustOffsets(ids, offsets, tokenOf) {
        for (const step of adjusting) step.adjustOffsets?.(ids, offsets, tokenOf);
      },
    }),
    toJSON: () => ({ type: 'Sequence', processors: steps.map((step) => step.toJSON()) }),
  };
}
