import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platformPackage } from '../../packages/backends/cpu/src/native/locate.js';
import { root } from '../workspace.mjs';
import { fences } from './fences.js';
import { closure, exec, folders, fromTarballs, install, pack } from './packing.js';

/*
 * Every package as a user meets it: packed, installed with npm into an empty project outside the
 * workspace together with only what it needs, and the examples of its README run there.
 */

const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
let scratch: string;
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-packed-'));
  tarballs = await pack([...folders.keys()], scratch);
}, 300_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

function importsOf(code: string): string[] {
  return [...code.matchAll(/from '(@heddle\/[a-z-]+)/g)].map((match) => match[1]);
}

describe.each([...folders])('%s', (name, folder) => {
  it('installs from its tarball into an empty project and runs its README', async () => {
    const programs = fences(await readFile(join(root, folder, 'README.md'), 'utf8'));
    const project = join(scratch, `project-${folder.replaceAll('/', '-')}`);
    const needed = closure([name, ...programs.flatMap((program) => importsOf(program.code))]);
    const native = needed.includes('@heddle/cpu') && tarballs.has(platformPackage());
    const all = native ? [...needed, platformPackage()] : needed;
    await install(project, fromTarballs(all, tarballs));

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
    if (!tarballs.has(platformPackage())) test.skip('no native kernels were built here');
    const project = join(scratch, 'project-tiers');
    const needed = closure(['@heddle/cpu']);
    await install(project, fromTarballs(needed, tarballs));
    expect(['wasm', 'reference']).toContain((await describeIn(project)).tier);
    await install(project, fromTarballs([...needed, platformPackage()], tarballs));
    const native = await describeIn(project);
    expect(native.tier).toBe('native');
    expect(native.library).toContain(join('node_modules', ...platformPackage().split('/')));
  }, 300_000);
});
