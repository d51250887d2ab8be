import { HeddleError } from '@heddle/core';

type Tree = { [key: string]: unknown };

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Applies `--set a.b=c` to a configuration and returns the new one. The value is read as JSON if it
 * is JSON (`2`, `true`, `["x"]`), else it is the text itself.
 */
export function applyOverrides(config: unknown, settings: readonly string[]): unknown {
  let result = config;
  for (const setting of settings) {
    const at = setting.indexOf('=');
    if (at <= 0) {
      throw new HeddleError('cli/usage', `--set ${setting}: write --set key.of.config=value.`, {
        argument: setting,
      });
    }
    result = assignAt(
      result,
      setting.slice(0, at).split('.'),
      parse(setting.slice(at + 1)),
      setting,
    );
  }
  return result;
}

function assignAt(
  tree: unknown,
  [key, ...rest]: string[],
  value: unknown,
  setting: string,
): unknown {
  if (key === '' || key === '__proto__' || (tree !== undefined && !isTree(tree))) {
    throw new HeddleError('cli/usage', `--set ${setting}: there is no such key.`, {
      argument: setting,
    });
  }
  const own = tree !== undefined && Object.hasOwn(tree, key) ? tree[key] : undefined;
  return { ...tree, [key]: rest.length === 0 ? value : assignAt(own, rest, value, setting) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
