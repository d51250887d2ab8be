import { relativeDifference } from './statistics.js';
import type { Measured } from './steps.js';

export function table(cells: readonly (readonly string[])[]): string {
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  return cells
    .map((row) =>
      row
        .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** A row a contender. The ratio is of the fastest other's median time to the first one's. */
export function formatSteps(all: readonly Measured[]): string {
  const [own] = all;
  return table([
    ['', 'median ms', 'least ms', 'ratio', 'memory MB', 'loss differs'],
    ...all.map((each) => [
      each.name,
      each.median.toFixed(1),
      each.least.toFixed(1),
      each === own ? '' : `${(each.median / own.median).toFixed(2)}x`,
      megabytes(each.resident),
      each === own ? '' : relativeDifference(own.losses, each.losses).toExponential(1),
    ]),
  ]);
}

/** Our throughput over that of the fastest peer; undefined without one. */
export function ratioOf([own, ...others]: readonly Measured[]): number | undefined {
  if (others.length === 0) return undefined;
  return Math.min(...others.map((peer) => peer.median)) / own.median;
}
