import { fold, HeddleError, permutation, rngKey } from '@heddle/core';

/** One division of examples, by their places, in ascending order. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

export interface StratifiedKFoldOptions {
  /** Default 0. */
  readonly seed?: number;
  /** One a label: examples of one group (paragraphs of one document, messages of one sender) stay together. */
  readonly groups?: readonly string[];
}

/**
 * Divides examples into k folds, each the test set of one division and every example in exactly
 * one, with each label spread evenly: its counts differ by at most one between folds, as do the
 * folds' sizes. With `groups` that is aimed at, but whole groups are dealt out.
 *
 * Errors: `finetune/no-examples`; `finetune/too-few-examples` if a label has fewer examples (or
 * groups) than `k`; `invalid-argument` for k below 2 or not one group a label.
 */
export function stratifiedKFold(
  labels: readonly string[],
  k: number,
  { seed = 0, groups }: StratifiedKFoldOptions = {},
): readonly Fold[] {
  check(labels, k, groups);
  const assigned =
    groups === undefined ? dealExamples(labels, k, seed) : dealGroups(labels, groups, k, seed);
  return Array.from({ length: k }, (_, test) => ({
    train: places(assigned, (at) => at !== test),
    test: places(assigned, (at) => at === test),
  }));
}

const places = (assigned: readonly number[], chosen: (fold: number) => boolean): number[] =>
  assigned.flatMap((at, i) => (chosen(at) ? [i] : []));

/** The places of the items with each key, keys in code unit order. */
function placesBy(keys: readonly string[]): [string, number[]][] {
  const found = new Map<string, number[]>();
  keys.forEach((key, i) => {
    const list = found.get(key);
    if (list === undefined) found.set(key, [i]);
    else list.push(i);
  });
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function shuffled<T>(items: readonly T[], seed: number, purpose: string): T[] {
  const order = permutation(fold(fold(rngKey(seed), 'folds'), purpose), items.length);
  return items.map((_, i) => items[order(i)]);
}

/** Deals each label's examples round the folds, beginning where the label before ended. */
function dealExamples(labels: readonly string[], k: number, seed: number): number[] {
  const assigned = new Array<number>(labels.length);
  let next = 0;
  for (const [label, examples] of placesBy(labels)) {
    for (const i of shuffled(examples, seed, label)) assigned[i] = next++ % k;
  }
  return assigned;
}

/**
 * Greedy, as scikit-learn's StratifiedGroupKFold: the groups with the most uneven labels first, each
 * to the fold where it leaves the labels' shares most even, then to the smallest such fold.
 */
function dealGroups(
  labels: readonly string[],
  groups: readonly string[],
  k: number,
  seed: number,
): number[] {
  const distinct = new Map(placesBy(labels).map(([label], i) => [label, i]));
  const totals = new Float64Array(distinct.size);
  const members = shuffled(placesBy(groups), seed, 'groups').map(([, examples]) => {
    const counts = new Float64Array(distinct.size);
    for (const i of examples) counts[distinct.get(labels[i])!]++;
    counts.forEach((count, label) => {
      totals[label] += count;
    });
    return { examples, counts, spread: variance([...counts]) };
  });
  members.sort((a, b) => b.spread - a.spread);

  const held = Array.from({ length: k }, () => new Float64Array(distinct.size));
  const assigned = new Array<number>(labels.length);
  for (const { examples, counts } of members) {
    const best = bestFold(held, counts, totals);
    counts.forEach((count, label) => {
      held[best][label] += count;
    });
    for (const i of examples) assigned[i] = best;
  }
  return assigned;
}

/** The fold that should get a group with these label counts. */
function bestFold(
  held: readonly Float64Array[],
  counts: Float64Array,
  totals: Float64Array,
): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let smallest = Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < held.length; candidate++) {
    let unevenness = 0;
    totals.forEach((total, label) => {
      const shares = held.map(
        (fold, i) => (fold[label] + (i === candidate ? counts[label] : 0)) / total,
      );
      unevenness += Math.sqrt(variance(shares));
    });
    const size = held[candidate].reduce((a, b) => a + b, 0);
    const better = unevenness < least - 1e-12;
    if (better || (unevenness <= least + 1e-12 && size < smallest)) {
      best = candidate;
      least = Math.min(least, unevenness);
      smallest = size;
    }
  }
  return best;
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

function check(labels: readonly string[], k: number, groups: readonly string[] | undefined): void {
  if (!Number.isInteger(k) || k < 2) {
    throw new HeddleError('invalid-argument', `k must be an integer from 2 on, not ${k}.`, {
      argument: 'k',
      given: k,
    });
  }
  if (labels.length === 0) {
    throw new HeddleError('finetune/no-examples', 'There are no labels to divide into folds.', {
      what: 'stratifiedKFold',
    });
  }
  if (groups !== undefined && groups.length !== labels.length) {
    throw new HeddleError(
      'invalid-argument',
      `There are ${labels.length} labels and ${groups.length} groups. Give one group a label.`,
      { argument: 'groups', given: groups.length },
    );
  }
  for (const [label, examples] of placesBy(labels)) {
    const count =
      groups === undefined ? examples.length : new Set(examples.map((i) => groups[i])).size;
    if (count >= k) continue;
    const what = groups === undefined ? 'examples' : 'groups';
    throw new HeddleError(
      'finetune/too-few-examples',
      `The label "${label}" has ${count} ${what}, fewer than the ${k} folds, so some fold would have none. ` +
        'Use fewer folds, more examples, or leave the label out.',
      { label, count, folds: k },
    );
  }
}
