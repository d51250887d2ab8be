import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestOf, packageFolders, pnpm, root } from '../workspace.mjs';
import { fences } from './fences.js';

/*
 * Every package as a user meets it: packed, installed with npm into an empty project outside the
 * workspace together with only what it needs, and the examples of its README run there.
 */

const exec = promisify(execFile);
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const folders = new Map(packageFolders().map((folder) => [manifestOf(folder).name, folder]));
const tarballs = new Map<string, string>();
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-packed-'));
  for (const [name, folder] of folders) {
    const { code, output } = await pnpm(['pack', '--pack-destination', scratch], {
      capture: true,
      cwd: join(root, folder),
    });
    if (code !== 0) throw new Error(`packing ${name} failed:\n${output}`);
    const file = `${name.replace('@', '').replace('/', '-')}-${manifestOf(folder).version}.tgz`;
    tarballs.set(name, join(scratch, file));
  }
}, 300_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The package and all packages of the workspace that it needs, or that its examples import. */
function closure(names: Iterable<string>): string[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    const folder = folders.get(name);
    if (folder === undefined || found.has(name)) return;
    found.add(name);
    for (const other of Object.keys(manifestOf(folder).dependencies ?? {})) visit(other);
  };
  for (const name of names) visit(name);
  return [...found];
}

function importsOf(code: string): string[] {
  return [...code.matchAll(/from '(@heddle\/[a-z-]+)/g)].map((match) => match[1]);
}

describe.each([...folders])('%s', (name, folder) => {
  it('installs from its tarball into an empty project and runs its README', async () => {
    const programs = fences(await readFile(join(root, folder, 'README.md'), 'utf8'));
    const project = join(scratch, `project-${folder.replaceAll('/', '-')}`);
    await mkdir(project);
    const needed = closure([name, ...programs.flatMap((program) => importsOf(program.code))]);
    const dependencies = Object.fromEntries(
      needed.map((other) => [other, `file:${tarballs.get(other)}`]),
    );
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'user', private: true, type: 'module', dependencies }),
    );
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await exec('npm', ['install', '--ignore-scripts', ...quiet], {
      cwd: project,
      shell: process.platform === 'win32',
    });

    const entry = await exec(
      process.execPath,
      ['-e', `import('${name}').then((m) => console.log(typeof m))`],
      { cwd: project },
    );
    expect(entry.stdout.trim()).toBe('object');
    expect(programs.length, `${folder}/README.md has no example that runs`).toBeGreaterThan(0);
    for (const [index, program] of programs.entries()) {
      const file = join(project, `readme-${index}.ts`);
      await writeFile(file, program.code);
      await exec(process.execPath, ['--import', tsx, file], {
        cwd: project,
        timeout: 60_000,
      }).catch((error) => {
        throw new Error(
          `${folder}/README.md line ${program.line} failed: ${error.stderr || error.message}`,
        );
      });
    }
  }, 300_000);
});
