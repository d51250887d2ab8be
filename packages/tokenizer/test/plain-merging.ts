/**
 * Byte-pair encoding as it is defined: the pair of neighbours with the lowest rank becomes one symbol, the leftmost
 * first, until no pair has a rank.
 */
export function plainlyMerged(
  given: readonly string[],
  rankOf: (left: string, right: string) => number | undefined,
): string[] {
  const symbols = [...given];
  for (;;) {
    let best = -1;
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = rankOf(symbols[i], symbols[i + 1]) ?? Number.POSITIVE_INFINITY;
      if (rank >= lowest) continue;
      lowest = rank;
      best = i;
    }
    if (best < 0) return symbols;
    symbols.splice(best, 2, symbols[best] + symbols[best + 1]);
  }
}
