import { existsSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HeddleError, type Plugin } from '@heddle/core';

/** `./file.js`, `../file.ts`, `/file.js`: relative to the configuration. */
const isPath = (name: string): boolean => /^\.\.?[\\/]/.test(name) || isAbsolute(name);

/** `name` and `@scope/name`, perhaps with a path in the package. */
const PACKAGE = /^(?:@[\w~-][\w.~-]*\/)?[\w~-][\w.~-]*(?=\/|$)/;

/**
 * The plug-in that a package, or a file beside the configuration, exports under the name `plugin`.
 *
 * @param file the configuration's path (it need not exist): packages are found from its folder
 * @throws `config/plugin` where there is none, naming what mends it
 */
export async function loadPlugin(name: string, file: string): Promise<Plugin> {
  const module = await importFrom(name, file);
  const plugin = module.plugin as Plugin | undefined;
  if (typeof plugin === 'object' && plugin !== null && 'contract' in plugin) return plugin;
  const names = Object.keys(module).join(', ') || 'nothing';
  throw failure(
    name,
    file,
    `"${name}" exports no "plugin", so nothing of it can be named here (it exports ${names}). ${renew(name)}`,
  );
}

async function importFrom(name: string, file: string): Promise<{ readonly plugin?: unknown }> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(pathToFileURL(file).href);
  const url = resolveFrom(jiti.esmResolve, name, file);
  try {
    return await (/\.[mc]?tsx?$/.test(url) ? jiti.import(fileURLToPath(url)) : import(url));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `"${name}" failed as it was imported: ${reason}. ${renew(name)}`;
    throw failure(name, file, message, cause);
  }
}

function resolveFrom(resolve: (id: string) => string, name: string, file: string): string {
  if (!isPath(name) && !PACKAGE.test(name)) {
    const how = 'Write the name of a package, or the path of a file, "./my-plugin.js".';
    throw failure(name, file, `"${name}" is neither a package nor a file. ${how}`);
  }
  try {
    const url = resolve(name);
    if (existsSync(fileURLToPath(url))) return url;
  } catch (cause) {
    if (codeOf(cause) === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
      const message = `"${name}" is installed, but it does not export this, or not a file that is there. ${renew(name)}`;
      throw failure(name, file, message, cause);
    }
  }
  const problem = isPath(name)
    ? `There is no file ${name}, seen from ${dirname(file)}. Correct its path in "plugins".`
    : `The package "${name}" is not installed, seen from ${dirname(file)}. Install it: npm install ${packageOf(name)}`;
  throw failure(name, file, problem);
}

/** What to do where it is there and does not work. */
function renew(name: string): string {
  if (isPath(name)) return 'Mend that file.';
  return `Install its newest version: npm install ${packageOf(name)}@latest`;
}

const packageOf = (name: string): string => PACKAGE.exec(name)?.[0] ?? name;

function failure(name: string, file: string, message: string, cause?: unknown): HeddleError {
  return new HeddleError('config/plugin', message, { plugin: name, file }, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
