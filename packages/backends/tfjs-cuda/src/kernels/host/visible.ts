import type { AttentionOptions } from '@heddle/core';
import type { Numbers } from './memory.js';

/** The segments of all queries and keys of one sequence. */
export interface Segments {
  readonly ofQueries: Numbers;
  readonly ofKeys: Numbers;
}

/** Keys `from` to `to` - 1 are those that query i of T may see among S, as far as position decides. */
export function visibleRange(
  { causal, window }: AttentionOptions,
  i: number,
  queries: number,
  keys: number,
): [from: number, to: number] {
  if (!causal) return [0, keys];
  const end = i + keys - queries + 1;
  const to = Math.min(Math.max(end, 0), keys);
  return [Math.min(window === undefined ? 0 : Math.max(end - window, 0), to), to];
}

/** Scales the scores from `at` on of query i with keys from `from` to `to` - 1; -Infinity for those of other segments. */
export function scaleScores(
  scores: Numbers,
  at: number,
  [from, to]: readonly [number, number],
  scale: number,
  segments: Segments | undefined,
  i: number,
): void {
  for (let j = from; j < to; j++) scores[at + j] *= scale;
  if (segments === undefined) return;
  const { ofQueries, ofKeys } = segments;
  for (let j = from; j < to; j++) {
    if (ofKeys[j] !== ofQueries[i]) scores[at + j] = Number.NEGATIVE_INFINITY;
  }
}
