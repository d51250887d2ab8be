import type { CodeSet } from '../unicode/code-set.js';
import type { Node } from './syntax.js';

/**
 * Options with what several in a row begin with looked at once: `abc|abd|e` as `ab(?:c|d)|e`. A long list of words
 * becomes a tree of characters.
 *
 * @param numberOf the number of a set, the same for equal ones
 */
export function factored(options: readonly Node[], numberOf: (set: CodeSet) => number): Node[] {
  const result: Node[] = [];
  for (let i = 0; i < options.length; ) {
    const first = itemsOf(options[i]);
    let shared = first.findIndex(({ kind }) => kind !== 'set');
    if (shared < 0) shared = first.length;
    let end = i + 1;
    for (; end < options.length; end++) {
      const own = sharedLength(first, itemsOf(options[end]), shared, numberOf);
      if (own === 0) break;
      shared = own;
    }
    if (end === i + 1) result.push(options[i]);
    else {
      const rests = options.slice(i, end).map((option): Node => {
        return { kind: 'sequence', items: itemsOf(option).slice(shared) };
      });
      const rest: Node = { kind: 'choice', options: rests };
      result.push({ kind: 'sequence', items: [...first.slice(0, shared), rest] });
    }
    i = end;
  }
  return result;
}

function itemsOf(node: Node): readonly Node[] {
  return node.kind === 'sequence' ? node.items : [node];
}

/** How many sets two sequences begin with alike, of at most `most`. */
function sharedLength(
  a: readonly Node[],
  b: readonly Node[],
  most: number,
  numberOf: (set: CodeSet) => number,
): number {
  let length = 0;
  for (; length < most && length < b.length; length++) {
    const left = a[length];
    const right = b[length];
    if (left.kind !== 'set' || right.kind !== 'set') break;
    if (numberOf(left.set) !== numberOf(right.set)) break;
  }
  return length;
}
