import {
  checkContract,
  type Factory,
  HeddleError,
  type Json,
  nearest,
  type Plugin,
} from '@heddle/core';

/** The kinds of parts that are named in a configuration and made from options alone. */
type NamedKind = {
  [K in keyof Plugin]-?: NonNullable<Plugin[K]> extends Readonly<Record<string, Factory<infer _>>>
    ? K
    : never;
}[keyof Plugin];

type PartOf<K extends NamedKind> =
  NonNullable<Plugin[K]> extends Readonly<Record<string, Factory<infer T>>> ? T : never;

/**
 * The factory called `name` among the plug-ins; the first plug-in given is Heddle's own. A name that
 * two plug-ins offer is an error, so that the order of plug-ins never matters.
 */
export function findPart<K extends NamedKind>(
  plugins: readonly Plugin[],
  kind: K,
  name: string,
): Factory<PartOf<K>> {
  for (const plugin of plugins) checkContract(plugin);
  const offering = plugins.filter((plugin) => Object.hasOwn(plugin[kind] ?? {}, name));
  if (offering.length > 1) {
    const names = offering.map((plugin) => plugin.name);
    throw new HeddleError(
      'config/duplicate-name',
      `${names.join(' and ')} both offer ${kind} "${name}". Leave one of them out of "plugins".`,
      { kind, name, plugins: names },
    );
  }
  if (offering.length === 0) {
    const known = plugins.flatMap((plugin) => Object.keys(plugin[kind] ?? {}));
    const near = nearest(name, known);
    throw new HeddleError(
      'config/unknown-name',
      `There is no "${name}" among the ${kind}${near ? `; did you mean "${near}"?` : `.`} Known: ${known.join(', ') || 'none'}. ` +
        `A plug-in package adds more through "plugins" in the configuration.`,
      { kind, name, known },
    );
  }
  return (offering[0][kind] as Readonly<Record<string, Factory<PartOf<K>>>>)[name];
}

/** Makes the part called `name` with its options. */
export async function makePart<K extends NamedKind>(
  plugins: readonly Plugin[],
  kind: K,
  name: string,
  options: { readonly [key: string]: Json },
): Promise<PartOf<K>> {
  return findPart(plugins, kind, name)(options);
}
