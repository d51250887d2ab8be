import { builtinModules } from 'node:module';
import { HeddleError } from '@heddle/core';

/** The longest name that npm takes. */
const LONGEST = 214;

const TAKEN = new Set([...builtinModules, 'node_modules', 'favicon.ico']);

/** Throws `create/name`, saying what is wrong, unless npm takes a new package of this name. */
export function checkName(name: string): void {
  const wrong = problemOf(name);
  if (wrong === undefined) return;
  throw new HeddleError(
    'create/name',
    `"${name}" cannot be the name of an npm package: ${wrong}. Take one like "heddle-weather" or "@you/heddle-weather".`,
    { name },
  );
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (name !== name.toLowerCase()) return 'it has upper case letters';
  const parts = name.startsWith('@') ? name.slice(1).split('/') : [name];
  if (name.startsWith('@') && parts.length !== 2)
    return 'a scope goes with one name, "@scope/name"';
  for (const part of parts) {
    if (!/^[a-z0-9._-]+$/.test(part)) return 'it may have a-z, 0-9, ".", "_" and "-" only';
    if (!/^[a-z0-9]/.test(part)) return 'it must begin with a letter or digit';
  }
  return TAKEN.has(name) ? 'it is taken by Node or npm' : undefined;
}

/** The name without its scope: what its folder is called. */
export function folderName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** What a configuration calls the part: the folder's name without "heddle-", "heddle-plugin-" in front. */
export function partName(name: string): string {
  const short = folderName(name).replace(/^heddle-(plugin-)?/, '');
  return /^[a-z0-9]/.test(short) ? short : folderName(name);
}
