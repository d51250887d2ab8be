import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { HeddleError, withIo } from '@heddle/core';
import { checkKind, type PluginKind } from './kinds.js';
import { checkName, folderName } from './names.js';
import { renderPlugin } from './templates.js';

export interface CreatePluginOptions {
  /** A key of `KINDS`: `backend`, `source`, … */
  readonly kind: string;
  /** The npm name of the new package, perhaps with a scope. */
  readonly name: string;
  /** Where it goes: a folder that is empty or does not exist. Default: one here, called as the name without scope. */
  readonly folder?: string;
}

export interface CreatedPlugin {
  readonly kind: PluginKind;
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** Paths in the folder, with slashes. */
  readonly files: readonly string[];
}

/**
 * Writes a package with a small, working part of the kind, and its tests.
 *
 * @throws `create/kind`, `create/name`, `create/folder` (there is something already), `io`
 */
export async function createPlugin(options: CreatePluginOptions): Promise<CreatedPlugin> {
  const { name } = options;
  const kind = checkKind(options.kind);
  checkName(name);
  const folder = resolve(options.folder ?? folderName(name));
  await checkFree(folder);
  const files = await renderPlugin(kind, name);
  for (const [file, content] of files) {
    const path = join(folder, file);
    await withIo('create', dirname(path), () => mkdir(dirname(path), { recursive: true }));
    await withIo('write', path, () => writeFile(path, content, { flag: 'wx' }));
  }
  return { kind, name, folder, files: [...files.keys()] };
}

async function checkFree(folder: string): Promise<void> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => error.code);
  if (present === 'ENOENT' || (Array.isArray(present) && present.length === 0)) return;
  const what = present === 'ENOTDIR' ? 'is a file' : 'is not empty';
  throw new HeddleError(
    'create/folder',
    `${folder} ${what}, and nothing is written over. Choose another folder, or move what is there.`,
    { folder },
  );
}

/** What was made, and what to type next. `from`: the folder of who reads it. */
export function describeCreated(
  { kind, name, folder, files }: CreatedPlugin,
  from: string,
): string {
  const inside = relative(from, folder) || '.';
  const path = inside.startsWith('..') ? folder : inside;
  return [
    `${name}, a ${kind} for Heddle, in ${path}:`,
    '',
    ...files.map((file) => `  ${file}`),
    '',
    'Next:',
    '',
    `  cd ${/\s/.test(path) ? JSON.stringify(path) : path}`,
    '  npm install',
    '  npm test',
  ].join('\n');
}
