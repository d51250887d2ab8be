import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { libraryPaths, platformPackage } from '../../packages/backends/cpu/src/native/locate.js';
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
/** The tarball of this platform's kernels: what npm would install beside @heddle/cpu. */
let kernels: string | undefined;

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
  kernels = await packKernels();
}, 300_000);

/** The package of this platform's native kernels, if they were built here: its tarball. */
async function packKernels(): Promise<string | undefined> {
  const [library] = libraryPaths();
  if (library === undefined) return undefined;
  const libraries = join(scratch, 'libraries');
  const platform = platformPackage().replace('@heddle/cpu-', '');
  await mkdir(join(libraries, platform), { recursive: true });
  await copyFile(library, join(libraries, platform, basename(library)));
  const script = join(root, 'packages/backends/cpu/native/platforms.mjs');
  const { stdout } = await exec(process.execPath, [script, 'pack', libraries, scratch, platform]);
  const options = { cwd: stdout.trim(), shell: process.platform === 'win32' };
  const packed = await exec('npm', ['pack', '--silent', '--pack-destination', scratch], options);
  return join(scratch, packed.stdout.trim());
}

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

/** Makes a project that has these packages of the workspace, and others. */
async function install(
  project: string,
  names: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<void> {
  await mkdir(project, { recursive: true });
  const own = Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]));
  const dependencies = { ...own, ...others };
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module', dependencies }),
  );
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await exec('npm', ['install', '--ignore-scripts', ...quiet], {
    cwd: project,
    shell: process.platform === 'win32',
  });
}

function importsOf(code: string): string[] {
  return [...code.matchAll(/from '(@heddle\/[a-z-]+)/g)].map((match) => match[1]);
}

describe.each([...folders])('%s', (name, folder) => {
  it('installs from its tarball into an empty project and runs its README', async () => {
    const programs = fences(await readFile(join(root, folder, 'README.md'), 'utf8'));
    const project = join(scratch, `project-${folder.replaceAll('/', '-')}`);
    const needed = closure([name, ...programs.flatMap((program) => importsOf(program.code))]);
    const native = needed.includes('@heddle/cpu') && kernels !== undefined;
    await install(project, needed, native ? { [platformPackage()]: `file:${kernels}` } : {});

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

describe('@heddle/cpu without a compiler', () => {
  const describeIn = async (project: string): Promise<{ tier: string; library?: string }> => {
    const code = "import('@heddle/cpu').then((m) => console.log(JSON.stringify(m.describeCpu())))";
    const { stdout } = await exec(process.execPath, ['-e', code], { cwd: project });
    return JSON.parse(stdout);
  };

  it('takes the kernels of its platform package, and other tiers where there is none', async (test) => {
    if (kernels === undefined) test.skip('no native kernels were built here');
    const project = join(scratch, 'project-tiers');
    const needed = closure(['@heddle/cpu']);
    await install(project, needed);
    expect(['wasm', 'reference']).toContain((await describeIn(project)).tier);
    await install(project, needed, { [platformPackage()]: `file:${kernels}` });
    const native = await describeIn(project);
    expect(native.tier).toBe('native');
    expect(native.library).toContain(join('node_modules', ...platformPackage().split('/')));
  }, 300_000);
});
