import { ANY_POINT, type CodeSet, intersection, NO_POINT, union } from '../unicode/code-set.js';
import type { Node } from './syntax.js';

/** What a match of something can begin with. */
export interface First {
  readonly set: CodeSet;
  /** It can also match nothing at all. */
  readonly empty: boolean;
}

/** The end of the pattern: matches, whatever comes. */
export const NOTHING_MORE: First = { set: NO_POINT, empty: true };

/** What `node`, then what `after` stands for, can begin with, read forward. */
export function firstOf(node: Node, after: First): First {
  switch (node.kind) {
    case 'set':
      return { set: node.set, empty: false };
    case 'sequence':
      return node.items.reduceRight((rest, item) => firstOf(item, rest), after);
    case 'choice': {
      const options = node.options.map((option) => firstOf(option, after));
      return {
        set: union(...options.map(({ set }) => set)),
        empty: options.some(({ empty }) => empty),
      };
    }
    case 'repeat': {
      if (node.max === 0) return after;
      const body = firstOf(node.node, after);
      return node.min > 0 ? body : join(body, after);
    }
    case 'atomic':
      return firstOf(node.node, after);
    case 'look':
    case 'anchor':
      // At the end of the pattern they may ask for anything.
      return after.empty ? { set: ANY_POINT, empty: true } : after;
  }
}

export function join(a: First, b: First): First {
  return { set: union(a.set, b.set), empty: a.empty || b.empty };
}

export function disjoint(a: CodeSet, b: CodeSet): boolean {
  return intersection(a, b).length === 0;
}
