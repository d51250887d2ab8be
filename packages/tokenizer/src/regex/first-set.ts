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

/** The same of a node alone. */
interface OwnFirst extends First {
  /** It looks around where it is empty: at the end of the pattern it may ask for anything. */
  readonly asks: boolean;
}

/** Finds what the nodes of a pattern can begin with; each node is looked at once. */
export class FirstSets {
  readonly #known = new Map<Node, OwnFirst>();

  /** What `node`, then what `after` stands for, can begin with, read forward. */
  of(node: Node, after: First): First {
    const own = this.#own(node);
    if (!own.empty) return own;
    if (own.asks && after.empty) return { set: ANY_POINT, empty: true };
    return { set: union(own.set, after.set), empty: after.empty };
  }

  #own(node: Node): OwnFirst {
    let own = this.#known.get(node);
    if (own === undefined) {
      own = this.#find(node);
      this.#known.set(node, own);
    }
    return own;
  }

  #find(node: Node): OwnFirst {
    switch (node.kind) {
      case 'set':
        return { set: node.set, empty: false, asks: false };
      case 'sequence':
        return node.items.reduceRight(
          (rest: OwnFirst, item) => behind(this.#own(item), rest),
          NOTHING,
        );
      case 'choice': {
        const options = node.options.map((option) => this.#own(option));
        return {
          set: union(...options.map(({ set }) => set)),
          empty: options.some(({ empty }) => empty),
          asks: options.some(({ asks }) => asks),
        };
      }
      case 'repeat': {
        if (node.max === 0) return NOTHING;
        const body = this.#own(node.node);
        return node.min > 0 ? body : { ...body, empty: true };
      }
      case 'atomic':
        return this.#own(node.node);
      case 'look':
      case 'anchor':
        return { ...NOTHING, asks: true };
    }
  }
}

const NOTHING: OwnFirst = { ...NOTHING_MORE, asks: false };

function behind(item: OwnFirst, rest: OwnFirst): OwnFirst {
  if (!item.empty) return item;
  return {
    set: union(item.set, rest.set),
    empty: rest.empty,
    asks: rest.asks || (item.asks && rest.empty),
  };
}

export function join(a: First, b: First): First {
  return { set: union(a.set, b.set), empty: a.empty || b.empty };
}

export function disjoint(a: CodeSet, b: CodeSet): boolean {
  return intersection(a, b).length === 0;
}
