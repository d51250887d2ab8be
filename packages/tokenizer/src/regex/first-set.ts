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
  const own = ownFirst(node);
  if (!own.empty) return own;
  // At the end of the pattern they may ask for anything.
  if (own.looks && after.empty) return { set: ANY_POINT, empty: true };
  return { set: union(own.set, after.set), empty: after.empty };
}

/** What a match of a node by itself can begin with. */
interface OwnFirst extends First {
  /** A way through it that takes nothing passes a look around or an anchor. */
  readonly looks: boolean;
}

const NOTHING: OwnFirst = { set: NO_POINT, empty: true, looks: false };
const known = new WeakMap<Node, OwnFirst>();

function ownFirst(node: Node): OwnFirst {
  const before = known.get(node);
  if (before) return before;
  const own = readOwn(node);
  known.set(node, own);
  return own;
}

function readOwn(node: Node): OwnFirst {
  switch (node.kind) {
    case 'set':
      return { set: node.set, empty: false, looks: false };
    case 'sequence':
      return node.items.map(ownFirst).reduceRight((rest, item) => {
        if (!item.empty) return item;
        const looks = rest.empty && (item.looks || rest.looks);
        return { set: union(item.set, rest.set), empty: rest.empty, looks };
      }, NOTHING);
    case 'choice': {
      const options = node.options.map(ownFirst);
      return {
        set: union(...options.map(({ set }) => set)),
        empty: options.some(({ empty }) => empty),
        looks: options.some(({ looks }) => looks),
      };
    }
    case 'repeat': {
      if (node.max === 0) return NOTHING;
      const own = ownFirst(node.node);
      return node.min > 0 ? own : { ...own, empty: true };
    }
    case 'atomic':
      return ownFirst(node.node);
    case 'look':
    case 'anchor':
      return { ...NOTHING, looks: true };
  }
}

export function join(a: First, b: First): First {
  return { set: union(a.set, b.set), empty: a.empty || b.empty };
}

export function disjoint(a: CodeSet, b: CodeSet): boolean {
  return intersection(a, b).length === 0;
}
