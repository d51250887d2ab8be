import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TFJS_VERSION } from './names.js';

/** A package of npm as it is installed here. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * The optional package as it is installed in the folder that HEDDLE_TFJS_NODE names, else beside this
 * one; undefined if it is not.
 */
export function findPackage(name: string): InstalledPackage | undefined {
  const { HEDDLE_TFJS_NODE: folder } = process.env;
  const own = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const places = folder ? [join(folder, 'node_modules'), ...own] : own;
  for (const folder of places.map((place) => join(place, name))) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { name, version, folder };
  }
  return undefined;
}

/** Loads the package's main entry. */
export async function importPackage({ folder }: InstalledPackage): Promise<unknown> {
  const entry = createRequire(join(folder, 'package.json')).resolve(folder);
  return import(pathToFileURL(entry).href);
}

/** What is wrong with the package's version, if anything is. */
export function wrongVersion({ name, version }: InstalledPackage): string | undefined {
  if (version.startsWith(`${TFJS_VERSION}.`)) return undefined;
  return `${name} is of version ${version}, and this package is written for ${TFJS_VERSION}`;
}
