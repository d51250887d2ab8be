import { type Estimate, HeddleError, type Metric } from '@heddle/core';
import type { Prediction } from './prediction.js';

/** Right answers of so many. */
export interface AccuracyState {
  readonly correct: number;
  readonly count: number;
}

/**
 * The share of right answers (`===`), in [0, 1], with the binomial standard error sqrt(p (1 - p) / n),
 * which is undefined for a single observation. `value` throws `eval/empty` before the first one.
 */
export function accuracy<Answer = string>(): Metric<Prediction<Answer>, AccuracyState> {
  return {
    name: 'accuracy',
    empty: () => ({ correct: 0, count: 0 }),
    add: ({ correct, count }, { expected, predicted }) => ({
      correct: correct + (expected === predicted ? 1 : 0),
      count: count + 1,
    }),
    merge: (a, b) => ({ correct: a.correct + b.correct, count: a.count + b.count }),
    value({ correct, count }): Estimate {
      if (count === 0) {
        throw new HeddleError(
          'eval/empty',
          'accuracy has seen no prediction, so it has no value. Add at least one.',
          { what: 'accuracy' },
        );
      }
      const value = correct / count;
      const standardError = count < 2 ? undefined : Math.sqrt((value * (1 - value)) / count);
      return { value, standardError, count };
    },
  };
}
