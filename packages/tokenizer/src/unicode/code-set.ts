import { unpackNumbers } from './packed-runs.js';

/** A set of code points: the sorted bounds of its stretches, [from, to) after [from, to). */
export type CodeSet = readonly number[];

export const NO_POINT: CodeSet = [];
export const ANY_POINT: CodeSet = [0, 0x110000];

/** The code points from `first` to `last`. */
export function rangeSet(first: number, last: number): CodeSet {
  return [first, last + 1];
}

/** The set of packed runs, outside and inside by turns. */
export function unpackSet(packed: string): CodeSet {
  const bounds: number[] = [];
  let point = 0;
  for (const length of unpackNumbers(packed)) {
    point += length;
    bounds.push(point);
  }
  if (bounds.length % 2 === 1) bounds.push(0x110000);
  return bounds;
}

export function union(...sets: CodeSet[]): CodeSet {
  return combine(sets, (inside) => inside > 0);
}

export function intersection(...sets: CodeSet[]): CodeSet {
  return combine(sets, (inside) => inside === sets.length);
}

export function complement(set: CodeSet): CodeSet {
  const bounds = set[0] === 0 ? set.slice(1) : [0, ...set];
  if (bounds[bounds.length - 1] === 0x110000) bounds.pop();
  else bounds.push(0x110000);
  return bounds;
}

export function contains(set: CodeSet, point: number): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[middle] <= point) low = middle + 1;
    else high = middle;
  }
  return low % 2 === 1;
}

/** The code points for which `holds(in how many of the sets)`. */
function combine(sets: readonly CodeSet[], holds: (inside: number) => boolean): CodeSet {
  const edges: number[] = [];
  for (const set of sets) {
    for (let i = 0; i < set.length; i++) edges.push(set[i] * 2 + (i % 2));
  }
  edges.sort((a, b) => a - b);
  const bounds: number[] = [];
  let inside = 0;
  for (let i = 0; i < edges.length; ) {
    const point = edges[i] >> 1;
    for (; i < edges.length && edges[i] >> 1 === point; i++) inside += edges[i] % 2 ? -1 : 1;
    if (holds(inside) !== (bounds.length % 2 === 1)) bounds.push(point);
  }
  return bounds;
}
