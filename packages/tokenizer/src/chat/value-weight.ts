/** A value of the interpreter, as far as its weight goes. */
interface Weighed {
  readonly type: string;
  readonly value?: unknown;
}

/** What a value in a list or an object weighs beside its characters. */
const ELEMENT = 32;

/** Weights of values that cannot change. */
const known = new WeakMap<object, number>();

/**
 * About how long a value is when it is written out: lists of lists of lists … are small in memory and
 * endless on paper. Stops counting above `most`.
 *
 * @returns the weight, and `work`, what there was to count: nothing where the weight was known
 */
export function weightOf(value: Weighed, most: number): { weight: number; work: number } {
  const before = known.get(value);
  if (before !== undefined) return { weight: before, work: 0 };
  const { weight } = weigh(value, most);
  return { weight, work: weight };
}

function weigh(value: Weighed, most: number): { weight: number; constant: boolean } {
  const { type, value: held } = value;
  if (typeof held === 'string') return { weight: held.length, constant: true };
  const children = childrenOf(held);
  if (!children) return { weight: 1, constant: true };
  const before = known.get(value);
  if (before !== undefined) return { weight: before, constant: true };
  let weight = 1;
  // Only namespaces are assigned to.
  let constant = type !== 'NamespaceValue';
  for (const child of children) {
    const own = weigh(child, most - weight);
    weight += own.weight + ELEMENT;
    constant &&= own.constant;
    if (weight > most) break;
  }
  if (constant) known.set(value, weight);
  return { weight, constant };
}

function childrenOf(held: unknown): Iterable<Weighed> | undefined {
  if (Array.isArray(held)) return held;
  return held instanceof Map ? held.values() : undefined;
}
