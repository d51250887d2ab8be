/** A stretch of a text, [start, end) in UTF-16 units. */
export type Range = readonly [start: number, end: number];

/** Ranges in order, those that overlap or touch as one. */
export function merged(ranges: readonly Range[]): Range[] {
  const done: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = done.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else done.push([start, end]);
  }
  return done;
}

/** What lies between ranges that are in order and apart. */
export function gaps(ranges: readonly Range[], length: number): Range[] {
  const starts = [0, ...ranges.map(([, end]) => end)];
  const ends = [...ranges.map(([start]) => start), length];
  return starts.map((start, i) => [start, ends[i]] as const).filter(([start, end]) => end > start);
}
