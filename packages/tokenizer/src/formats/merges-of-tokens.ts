import { LastCuts } from './last-cuts.js';

/**
 * The merges of a BPE vocabulary of which only the order of the tokens is known: any two neighbours may merge if
 * the two together are a token, the first token of the order first.
 *
 * Of the ways to cut a token in two only one ever comes up: the last two symbols that are left when the
 * token alone is encoded. For until it is whole nothing outside has a part in what happens inside; so one
 * merge a token gives the ids of the vocabulary. Only where tokens share a place in the order, of which the
 * leftmost would be first, merges have another order than that, and all ways to cut a token are given, as
 * transformers does.
 *
 * @param ranks tokens with their places in the order
 * @param longest tokens of more UTF-16 units are not made by merges
 * @returns pairs of tokens in the order of what they become; tokens that no merges lead to have none
 */
export function mergesOfTokens(
  ranks: ReadonlyMap<string, number>,
  longest: number,
): [string, string][] {
  const ordered = [...ranks].sort((a, b) => a[1] - b[1]).map(([token]) => token);
  const ties = new Set(ranks.values()).size < ranks.size;
  const lastCuts = ties ? undefined : new LastCuts(ordered, longest);
  const merges: [string, string][] = [];
  for (const [place, token] of ordered.entries()) {
    if (token.length > longest) continue;
    for (const cut of lastCuts ? lastCuts.of(place) : allCuts(token)) {
      const left = token.slice(0, cut);
      const right = token.slice(cut);
      if (ranks.has(left) && ranks.has(right)) merges.push([left, right]);
    }
  }
  return merges;
}

function allCuts(token: string): number[] {
  return Array.from({ length: Math.max(0, token.length - 1) }, (_, i) => i + 1);
}
