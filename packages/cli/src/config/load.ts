import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { HeddleError } from '@heddle/core';
import { applyOverrides } from './overrides.js';
import { resolveConfig } from './resolve.js';
import type { ResolvedConfig } from './schema.js';

/** Names that are looked for, in this order, where `--config` is not given. */
const NAMES = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map(
  (extension) => `heddle.config.${extension}`,
);

/** Reads the configuration (or none: then all is default), applies `--set`, checks, fills in defaults. */
export async function loadConfig(options: {
  readonly file?: string;
  readonly set?: readonly string[];
  readonly directory?: string;
}): Promise<ResolvedConfig> {
  const directory = options.directory ?? process.cwd();
  const file = options.file ?? NAMES.find((name) => existsSync(resolve(directory, name)));
  const given = file === undefined ? {} : await readConfig(resolve(directory, file), file);
  return resolveConfig(applyOverrides(given, options.set ?? []), file ?? 'the command line');
}

async function readConfig(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) {
    throw new HeddleError('config/missing', `There is no configuration file ${name}.`, {
      file: name,
    });
  }
  try {
    switch (extname(path)) {
      case '.json':
        return JSON.parse(await readFile(path, 'utf8'));
      case '.yaml':
      case '.yml':
        return (await import('yaml')).parse(await readFile(path, 'utf8'));
      default: {
        const { createJiti } = await import('jiti');
        return await createJiti(import.meta.url).import(path, { default: true });
      }
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HeddleError(
      'config/unreadable',
      `${name} could not be read: ${reason}`,
      { file: name },
      { cause },
    );
  }
}
