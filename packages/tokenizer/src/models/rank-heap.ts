/** A binary heap of ranks, the lowest first. */
export class RankHeap {
  #ranks: number[] = [];

  push(rank: number): void {
    const ranks = this.#ranks;
    let at = ranks.length;
    ranks.push(rank);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (ranks[parent] <= rank) break;
      ranks[at] = ranks[parent];
      at = parent;
    }
    ranks[at] = rank;
  }

  /** The lowest rank, or -1. */
  pop(): number {
    const ranks = this.#ranks;
    if (ranks.length === 0) return -1;
    const lowest = ranks[0];
    const rank = ranks.pop() as number;
    const size = ranks.length;
    if (size === 0) return lowest;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && ranks[child + 1] < ranks[child]) child++;
      if (ranks[child] >= rank) break;
      ranks[at] = ranks[child];
      at = child;
    }
    ranks[at] = rank;
    return lowest;
  }
}
