import { HeddleError } from '@heddle/core';

/** The classifier that always says the commonest label of the training examples. */
export interface MajorityBaseline {
  readonly label: string;
  /** Share of that label among the examples given. */
  readonly share: number;
  /** As many times the label as there are examples: an `answer` for `evaluate`. */
  answer(examples: readonly unknown[]): readonly string[];
}

/** Of equally common labels, the first in code unit order is taken. Throws `eval/empty` without labels. */
export function majorityBaseline(labels: Iterable<string>): MajorityBaseline {
  const counts = new Map<string, number>();
  let total = 0;
  for (const label of labels) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    total++;
  }
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  if (best === undefined) {
    throw new HeddleError(
      'eval/empty',
      'There is no commonest label of no labels. Give the labels of the training examples.',
      { what: 'majorityBaseline' },
    );
  }
  const [label, count] = best;
  return { label, share: count / total, answer: (examples) => examples.map(() => label) };
}
