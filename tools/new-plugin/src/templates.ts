import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginKind } from './kinds.js';
import { manifestOf } from './manifest.js';
import { partName } from './names.js';

/** Beside `src` and beside `dist`. */
const templates = fileURLToPath(new URL('../templates/', import.meta.url));

/** Files that npm would not pack, or take for its own, under their real names. */
const RENAMED: ReadonlyMap<string, string> = new Map([['gitignore', '.gitignore']]);

/** Every file of the package, by its path with slashes, sorted. */
export async function renderPlugin(
  kind: PluginKind,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map([['package.json', manifestOf(kind, name)]]);
  for (const folder of [join(templates, 'shared'), join(templates, kind)]) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const target = path.slice(folder.length + 1).replaceAll(sep, '/');
      files.set(RENAMED.get(target) ?? target, fill(await readFile(path, 'utf8'), name));
    }
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Puts the package's and the part's name where the template has `plugin-name` and `part-name`. Where the part's name
 * is an identifier, a key needs no quotes.
 */
function fill(template: string, name: string): string {
  const part = partName(name);
  const bare = /^[a-z_][a-z0-9_]*$/.test(part);
  const keyed = bare
    ? template
        .replace(/(\?)?\.?\['part-name'\]/g, '$1.part-name')
        .replace(/'part-name':/g, 'part-name:')
    : template;
  return keyed.replace(/plugin-name|part-name/g, (found) => (found === 'part-name' ? part : name));
}
