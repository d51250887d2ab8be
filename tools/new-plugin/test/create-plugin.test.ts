import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { HeddleError } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, tool } from '../../workspace.mjs';
import { createPlugin, KINDS, type PluginKind } from '../src/index.js';
import { runCreate } from '../src/run-create.js';

const kinds = Object.keys(KINDS) as PluginKind[];
let scratch: string;
let count = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-create-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const newFolder = (): string => join(scratch, String(++count));

async function refusal(action: Promise<unknown>): Promise<HeddleError> {
  const error = await action.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (HeddleError.is(error)) return error;
  throw error;
}

describe('what is made', () => {
  it.each(kinds)('a %s has every file, and no name of the template is left', async (kind) => {
    const { files, folder } = await createPlugin({
      kind,
      name: 'heddle-warp',
      folder: newFolder(),
    });
    for (const file of ['package.json', 'README.md', '.gitignore', '.changeset/config.json'])
      expect(files).toContain(file);
    expect(files.filter((file) => /^test\/.*\.test\.ts$/.test(file))).toHaveLength(1);
    for (const file of files) {
      expect(await readFile(join(folder, file), 'utf8')).not.toMatch(/plugin-name|part-name/);
    }
  });

  it.each(['heddle-warp', '@weavers/heddle-plugin-power-loom', '2nd-loom', 'a.b'])(
    'is formatted, also as %s',
    async (name) => {
      const parent = newFolder();
      for (const kind of kinds) await createPlugin({ kind, name, folder: join(parent, kind) });
      const args = ['check', '--vcs-enabled=false', `--config-path=${root}`, parent];
      const { code, output } = await tool('biome', args, { capture: true });
      expect(code, output).toBe(0);
    },
  );

  it.each([
    ['heddle-warp', "name: 'warp'"],
    ['@weavers/warp', "name: 'warp'"],
    ['heddle-plugin-warp', "name: 'warp'"],
    ['heddle-__proto__', "name: 'heddle-__proto__'"],
    ['heddle', "name: 'heddle'"],
  ])('%s is called %s in configurations', async (name, wanted) => {
    const { folder } = await createPlugin({ kind: 'source', name, folder: newFolder() });
    expect(await readFile(join(folder, 'src/lines.ts'), 'utf8')).toContain(wanted);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(wanted);
    expect(await readFile(join(folder, 'src/plugin.ts'), 'utf8')).toContain(`name: '${name}'`);
  });

  it('depends on the Heddle and the tools of this version', async () => {
    const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).devDependencies;
    const { version } = JSON.parse(
      await readFile(join(root, 'tools/new-plugin/package.json'), 'utf8'),
    );
    for (const kind of kinds) {
      const { folder } = await createPlugin({ kind, name: 'heddle-weft', folder: newFolder() });
      const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      expect(manifest.peerDependencies['@heddle/core']).toBe(`^${version}`);
      for (const [name, range] of Object.entries(manifest.devDependencies)) {
        expect(range, name).toBe(name.startsWith('@heddle/') ? `^${version}` : own[name]);
      }
    }
  });

  it('goes into a folder that is empty', async () => {
    const folder = newFolder();
    await mkdir(folder);
    await createPlugin({ kind: 'task', name: 'heddle-weft', folder });
    expect(await readdir(folder)).toContain('package.json');
  });
});

describe('what is refused', () => {
  it.each([
    ['', 'it is empty'],
    ['x'.repeat(215), 'longer than 214'],
    ['Heddle-Weft', 'upper case'],
    ['../weft', 'a-z, 0-9'],
    ['..', 'begin with a letter or digit'],
    ['@weavers', 'a scope goes with one name'],
    ['@weavers/../weft', 'a scope goes with one name'],
    ['@../weft', 'begin with a letter or digit'],
    ['@weavers/', 'a-z, 0-9'],
    ['a/b', 'a-z, 0-9'],
    ['a\\b', 'a-z, 0-9'],
    ['häddle', 'a-z, 0-9'],
    ['_weft', 'begin with a letter or digit'],
    ['-weft', 'begin with a letter or digit'],
    ['we ft', 'a-z, 0-9'],
    ["we'ft", 'a-z, 0-9'],
    ['fs', 'taken by Node'],
    ['node_modules', 'taken by Node'],
  ])('the name "%s"', async (name, reason) => {
    const error = await refusal(createPlugin({ kind: 'task', name, folder: newFolder() }));
    expect(error.code).toBe('create/name');
    expect(error.message).toContain(reason);
  });

  it.each(['metrik', 'constructor', '../shared', ''])('the kind "%s"', async (kind) => {
    const error = await refusal(createPlugin({ kind, name: 'weft', folder: newFolder() }));
    expect(error.code).toBe('create/kind');
    if (kind === 'metrik') expect(error.message).toContain('did you mean "metric"?');
  });

  it('a folder with something in it, and a file, which stay as they are', async () => {
    const folder = newFolder();
    await mkdir(folder);
    await writeFile(join(folder, 'README.md'), 'mine');
    for (const place of [folder, join(folder, 'README.md')]) {
      const error = await refusal(createPlugin({ kind: 'task', name: 'weft', folder: place }));
      expect(error.code).toBe('create/folder');
    }
    expect(await readdir(folder)).toEqual(['README.md']);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toBe('mine');
  });
});

describe('npm create @heddle/plugin', () => {
  async function command(...argv: string[]) {
    const [out, err]: string[][] = [[], []];
    const code = await runCreate(argv, {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

  it.each([
    [],
    ['metric'],
    ['metric', 'weft', 'more'],
    ['metric', 'weft', '--colour'],
    ['metrik', 'weft'],
    ['metric', 'WEFT'],
    ['metric', 'weft', '--folder', root],
  ])('prints usage, exit code 2: %j %j %j', async (...argv) => {
    const { code, out, err } = await command(...argv.filter((word) => word !== undefined));
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('npm create @heddle/plugin KIND NAME');
    for (const kind of kinds) expect(err).toContain(`  ${kind} `);
  });

  it('--help is usage too', async () => {
    expect(await command('--help')).toMatchObject({ code: 0, err: '' });
  });

  it('says what was made and what to type next', async () => {
    const folder = newFolder();
    const { code, out } = await command('metric', '@weavers/weft', '--folder', folder);
    expect(code).toBe(0);
    for (const file of await readdir(folder)) expect(out).toContain(file);
    expect(out).toContain(`  cd ${resolve(folder)}\n  npm install\n  npm test`);
  });

  it('takes the name without its scope for the folder', async () => {
    const before = process.cwd();
    const here = newFolder();
    await mkdir(here);
    try {
      process.chdir(here);
      expect((await command('metric', '@weavers/weft')).out).toContain('cd weft\n');
    } finally {
      process.chdir(before);
    }
    expect((await readdir(here)).map((path) => basename(path))).toEqual(['weft']);
  });
});
