import { HeddleError, type Metric } from '@heddle/core';
import { editDistance } from './edit-distance.js';

/** All that the mean and its error need. */
export interface EditSimilarityState {
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** What was wanted, and what came. */
export interface TextPair {
  readonly expected: string;
  readonly predicted: string;
}

/**
 * The mean over texts of 1 - edits / length of the longer one: 1 where all are equal, 0 where they have nothing in
 * common. Its standard error is that of the mean.
 */
export function editSimilarity(): Metric<TextPair, EditSimilarityState> {
  return {
    name: 'part-name',
    empty: () => ({ count: 0, sum: 0, sumOfSquares: 0 }),
    add: ({ count, sum, sumOfSquares }, { expected, predicted }) => {
      const x = similarity(expected, predicted);
      return { count: count + 1, sum: sum + x, sumOfSquares: sumOfSquares + x * x };
    },
    merge: (a, b) => ({
      count: a.count + b.count,
      sum: a.sum + b.sum,
      sumOfSquares: a.sumOfSquares + b.sumOfSquares,
    }),
    value({ count, sum, sumOfSquares }) {
      if (count === 0) {
        throw new HeddleError(
          'invalid-argument',
          'editSimilarity: nothing was observed, so there is no mean. Add an observation first.',
          { argument: 'state', given: 0 },
        );
      }
      const mean = sum / count;
      const variance = Math.max(0, sumOfSquares - count * mean * mean) / (count - 1);
      const standardError = count > 1 ? Math.sqrt(variance / count) : undefined;
      return { value: mean, standardError, count };
    },
  };
}

function similarity(a: string, b: string): number {
  const longest = Math.max(Array.from(a).length, Array.from(b).length);
  return longest === 0 ? 1 : 1 - editDistance(a, b) / longest;
}
