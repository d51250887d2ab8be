import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { HeddleError } from '@heddle/core';
import { withPlugins } from './load-plugins.js';
import { applyOverrides } from './overrides.js';
import { resolveConfig } from './resolve.js';
import type { ResolvedConfig } from './schema.js';

/** Names that are looked for, in this order, where `--config` is not given. */
const NAMES = ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml', 'json'].map(
  (extension) => `heddle.config.${extension}`,
);

export interface ConfigRequest {
  readonly file?: string;
  /** `key=value` overrides. */
  readonly set?: readonly string[];
  /** Where to look for a file. Default: the current folder. */
  readonly directory?: string;
}

/** Reads the configuration (or none: then all is default), applies `--set`, checks, fills in defaults. */
export async function loadConfig(request: ConfigRequest): Promise<ResolvedConfig> {
  return (await readGiven(request)).config;
}

/** As `loadConfig`, with what was written before defaults came in; plug-ins are loaded in both. */
export async function readGiven(
  request: ConfigRequest,
): Promise<{ readonly given: unknown; readonly config: ResolvedConfig }> {
  const directory = request.directory ?? process.cwd();
  const file = request.file ?? NAMES.find((name) => existsSync(resolve(directory, name)));
  const read = file === undefined ? {} : await readConfig(resolve(directory, file), file);
  const path = resolve(directory, file ?? 'heddle.config.ts');
  const given = await withPlugins(applyOverrides(read, request.set ?? []), path);
  return { given, config: resolveConfig(given, file ?? 'the command line') };
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
