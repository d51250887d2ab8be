type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** `over` with what `base` has and it lacks, section by section. */
export function mergeConfig(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isTree(base) || !isTree(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  keys.delete('__proto__');
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      mergeConfig(base[key], Object.hasOwn(over, key) ? over[key] : undefined),
    ]),
  );
}
