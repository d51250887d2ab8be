import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { libraryPaths, platformPackage } from '../../packages/backends/cpu/src/native/locate.js';
import { manifestOf, packageFolders, pnpm, root } from '../workspace.mjs';

/* Our packages as npm has them: tarballs, and projects outside the workspace that they are installed into. */

export const exec = promisify(execFile);

/** npm is a script on Windows. */
const shell = process.platform === 'win32';

/** Folders of all publishable packages by name. */
export const folders: ReadonlyMap<string, string> = new Map(
  packageFolders().map((folder) => [manifestOf(folder).name, folder]),
);

/** Packs packages of the workspace into a folder; their tarballs by name, with this platform's kernels if they were built. */
export async function pack(
  names: readonly string[],
  into: string,
): Promise<ReadonlyMap<string, string>> {
  const chosen = names.flatMap((name) => ['--filter', name]);
  const args = [...chosen, 'pack', '--pack-destination', into];
  const { code, output } = await pnpm(args, { capture: true });
  if (code !== 0) throw new Error(`packing failed:\n${output}`);
  const tarballs = new Map(names.map((name) => [name, join(into, tarballOf(name))]));
  const kernels = await packKernels(into);
  return kernels === undefined ? tarballs : tarballs.set(platformPackage(), kernels);
}

function tarballOf(name: string): string {
  return `${name.replace('@', '').replace('/', '-')}-${manifestOf(folderOf(name)).version}.tgz`;
}

/** The package of this platform's native kernels: what npm would install beside @heddle/cpu. */
async function packKernels(into: string): Promise<string | undefined> {
  const [library] = libraryPaths();
  if (library === undefined) return undefined;
  const libraries = join(into, 'libraries');
  const platform = platformPackage().replace('@heddle/cpu-', '');
  await mkdir(join(libraries, platform), { recursive: true });
  await copyFile(library, join(libraries, platform, basename(library)));
  const script = join(root, 'packages/backends/cpu/native/platforms.mjs');
  const { stdout } = await exec(process.execPath, [script, 'pack', libraries, into, platform]);
  const args = ['pack', '--silent', '--pack-destination', into];
  const packed = await exec('npm', args, { cwd: stdout.trim(), shell });
  return join(into, packed.stdout.trim());
}

/** These packages and all of the workspace that they need. */
export function closure(names: Iterable<string>): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (!folders.has(name) || found.has(name)) return;
    found.add(name);
    for (const other of Object.keys(manifestOf(folderOf(name)).dependencies ?? {})) visit(other);
  };
  for (const name of names) visit(name);
  return [...found];
}

/** Makes a project with these dependencies (and whatever else its package.json should say), or changes those of one. */
export async function install(
  project: string,
  dependencies: Readonly<Record<string, string>>,
  manifest: object = {},
): Promise<void> {
  await mkdir(project, { recursive: true });
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module', ...manifest, dependencies }),
  );
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await exec('npm', ['install', '--ignore-scripts', ...quiet], { cwd: project, shell });
}

/** The dependencies of a project on tarballs. */
export function fromTarballs(
  names: Iterable<string>,
  tarballs: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries([...names].map((name) => [name, `file:${tarballs.get(name)}`]));
}

function folderOf(name: string): string {
  const folder = folders.get(name);
  if (folder === undefined) throw new Error(`no package of the workspace is called ${name}`);
  return folder;
}
