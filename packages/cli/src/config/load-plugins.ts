import { type Backend, CONTRACT, type Factory, HeddleError, type Plugin } from '@heddle/core';
import { loadPlugin } from './load-plugin.js';

/** Heddle's own backends in packages of their own, `@heddle/<name>`: named without being listed in `plugins`. */
export const SEPARATE_BACKENDS: readonly string[] = ['tfjs-cuda', 'gpujs'];

/**
 * A configuration with every name in its `plugins` replaced by the plug-in that it names, and with Heddle's own
 * separate backends, which are loaded when they are asked for. What is no list stays as it is, for the schema to refuse.
 *
 * @param file the configuration's path
 * @throws `config/plugin`
 */
export async function withPlugins(config: unknown, file: string): Promise<unknown> {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config;
  const listed = 'plugins' in config ? config.plugins : [];
  if (!Array.isArray(listed)) return config;
  const plugins = await Promise.all(
    listed.map((entry) => (typeof entry === 'string' ? loadPlugin(entry, file) : entry)),
  );
  return { ...config, plugins: [...plugins, separateBackends(plugins, file)] };
}

/** The separate backends that no listed plug-in offers. */
function separateBackends(listed: readonly Plugin[], file: string): Plugin {
  const offered = new Set(listed.flatMap((plugin) => Object.keys(plugin?.backends ?? {})));
  const names = SEPARATE_BACKENDS.filter((name) => !offered.has(name));
  return {
    contract: CONTRACT,
    name: 'heddle',
    backends: Object.fromEntries(names.map((name) => [name, separateBackend(name, file)])),
  };
}

function separateBackend(name: string, file: string): Factory<Backend> {
  return async (options) => {
    const specifier = `@heddle/${name}`;
    const { backends = {} } = await loadPlugin(specifier, file);
    if (Object.hasOwn(backends, name)) return backends[name](options);
    throw new HeddleError(
      'config/plugin',
      `"${specifier}" offers no backend "${name}". Install it anew: npm install ${specifier}@latest`,
      { plugin: specifier, file },
    );
  };
}
