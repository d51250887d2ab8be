import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { HeddleError } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBackend } from '../src/builtin.js';
import { loadConfig, resolveConfig } from '../src/index.js';
import { makePart } from '../src/plugins.js';

let folder: string;

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** A package that is installed beside the configuration. */
async function installed(name: string, code: string, exports: object = { import: './i.js' }) {
  const manifest = { name, version: '1.0.0', type: 'module', exports: { '.': exports } };
  await write(`node_modules/${name}/package.json`, JSON.stringify(manifest));
  await write(`node_modules/${name}/i.js`, code);
}

const bell = (name: string): string =>
  `{ contract: 1, name: '${name}', callbacks: { '${name}': (o) => ({ name: '${name}', ...o }) } }`;

async function refusal(action: Promise<unknown>): Promise<HeddleError> {
  const error = await action.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (HeddleError.is(error)) return error;
  throw error;
}

const load = (config: object) => loadConfig({ directory: folder, set: pairs(config) });
const pairs = (config: object): string[] =>
  Object.entries(config).map(([key, value]) => `${key}=${JSON.stringify(value)}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-plugins-'));
  await installed('heddle-bell', `export const plugin = ${bell('bell')};`);
  await installed('@weavers/chime', `export const plugin = ${bell('chime')};`);
  await write('local.js', `export const plugin = ${bell('js')};`);
  await write('local.ts', `export const plugin: object = ${bell('ts')};`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('plug-ins by name', () => {
  it.each([
    ['yaml', 'plugins: [heddle-bell, "@weavers/chime", ./local.js, ./local.ts]'],
    ['json', '{"plugins": ["heddle-bell", "@weavers/chime", "./local.js", "./local.ts"]}'],
    [
      'ts',
      `const own = ${bell('own')};
       export default { plugins: [own, 'heddle-bell', '@weavers/chime', './local.js', './local.ts'] };`,
    ],
  ])('load from a .%s file, seen from its folder', async (extension, content) => {
    const file = join(folder, `my.config.${extension}`);
    await write(`my.config.${extension}`, content);
    const { plugins } = await loadConfig({ file });
    const names = [...(extension === 'ts' ? ['own'] : []), 'bell', 'chime', 'js', 'ts'];
    for (const name of names) {
      expect(await makePart(plugins, 'callbacks', name, { x: 1 })).toEqual({ name, x: 1 });
    }
  });

  it('load from --set, seen from the current folder', async () => {
    const { plugins } = await load({ plugins: ['heddle-bell'] });
    expect(await makePart(plugins, 'callbacks', 'bell', {})).toEqual({ name: 'bell' });
  });

  it.each([
    ['heddle-absent', /"heddle-absent" is not installed.*npm install heddle-absent$/],
    ['@weavers/absent/plugin', /npm install @weavers\/absent$/],
    ['heddle-bell/inner', /does not export this.*npm install heddle-bell@latest$/],
    ['heddle-silent', /exports no "plugin".*\(it exports sound\).*npm install heddle-silent@/],
    ['heddle-odd', /exports no "plugin"/],
    ['heddle-broken', /failed as it was imported: out of thread.*npm install heddle-broken@/],
    ['heddle-needy', /failed as it was imported: .*'heddle-gone'.*npm install heddle-needy@/],
    ['heddle-unbuilt', /not a file that is there.*npm install heddle-unbuilt@latest$/],
    ['./absent.js', /There is no file \.\/absent\.js.*its path in "plugins"/],
    ['', /neither a package nor a file/],
    ['https://example.org/plugin.js', /neither a package nor a file/],
    ['data:text/javascript,1', /neither a package nor a file/],
    ['node:fs', /neither a package nor a file/],
  ])('"%s" is refused, and what mends it is named', async (name, message) => {
    await installed('heddle-silent', 'export const sound = 1;');
    await installed('heddle-odd', 'export const plugin = 7;');
    await installed('heddle-broken', "throw new Error('out of thread');");
    await installed('heddle-needy', "import 'heddle-gone';");
    await installed('heddle-unbuilt', '', { import: './dist/i.js' });
    const error = await refusal(load({ plugins: [name] }));
    expect(error.code).toBe('config/plugin');
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ plugin: name });
  });

  it('are refused by the schema where they are no list, or no plug-ins', async () => {
    for (const plugins of ['heddle-bell', [7], [null]]) {
      expect((await refusal(load({ plugins }))).code).toBe('config/invalid');
    }
    expect(() => resolveConfig({ plugins: ['heddle-bell'] }, 'a program')).toThrow(
      /names are for configuration files/,
    );
  });
});

describe('backends of Heddle in packages of their own', () => {
  const backend = `{ contract: 1, name: 'gpujs', dtypes: ['f32'] }`;

  it('are found without being listed', async () => {
    const plugin = `{ contract: 1, name: 'p', backends: { gpujs: (o) => ({ ...${backend}, o }) } }`;
    await installed('@heddle/gpujs', `export const plugin = ${plugin};`);
    const config = await load({ backend: { name: 'gpujs', mode: 'cpu' } });
    expect(await openBackend(config)).toMatchObject({ name: 'gpujs', o: { mode: 'cpu' } });
  });

  it('may be listed all the same', async () => {
    const plugin = `{ contract: 1, name: 'p', backends: { cuda: () => (${backend}) } }`;
    await write('cuda.js', `export const plugin = ${plugin};`);
    const config = await load({ backend: { name: 'cuda' }, plugins: ['./cuda.js'] });
    expect(await openBackend(config)).toMatchObject({ name: 'gpujs' });
  });

  it('say how to install them, once they are asked for', async () => {
    const lonely = await mkdtemp(join(tmpdir(), 'heddle-lonely-'));
    const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const argv = [
      '--conditions=@heddle/source',
      '--import',
      tsx,
      bin,
      'conformance',
      '-b',
      'gpujs',
    ];
    // Where NODE_PATH names this workspace, as pnpm has it, the package is found everywhere.
    const env = { ...process.env, NODE_PATH: '' };
    try {
      const run = promisify(execFile)(process.execPath, argv, { cwd: lonely, env });
      await expect(run).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/config\/plugin.*npm install @heddle\/gpujs\s*$/s),
      });
    } finally {
      await rm(lonely, { recursive: true });
    }
  });

  it('are refused where the package lacks them', async () => {
    await installed('@heddle/tfjs-cuda', `export const plugin = ${bell('no')};`);
    const config = await load({ backend: { name: 'tfjs-cuda' } });
    expect((await refusal(openBackend(config))).message).toMatch(/offers no backend "tfjs-cuda"/);
  });

  it('are suggested for a name that is nearly theirs', async () => {
    const error = await refusal(openBackend(await load({ backend: { name: 'gpusj' } })));
    expect(error.message).toMatch(/did you mean "gpujs"/);
  });
});
