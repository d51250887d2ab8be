import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pnpm } from '../../../../tools/workspace.mjs';

/* The package as npm installs it into an empty project: nothing is compiled, and nothing downloaded but packages. */

const exec = promisify(execFile);
const folder = join(import.meta.dirname, '..');
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/;

const PROGRAM = `
import net from 'node:net';
const refuse = () => { throw new Error('something was asked of the network'); };
globalThis.fetch = refuse;
net.Socket.prototype.connect = refuse;
const { tfjsCuda } = await import('@heddle/tfjs-cuda');
for (const engine of ['wasm', 'cpu']) {
  const backend = await tfjsCuda({ engine });
  const x = backend.alloc(4, 'f32');
  backend.write(x, Float32Array.of(1, 2, 3, 4));
  const view = { buffer: x, shape: [2, 2] };
  backend.run({ kind: 'matmul', transposeA: false, transposeB: true }, [view, view], [view]);
  console.log(engine, ...(await backend.read(x)));
}
`;

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-tfjs-install-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function pack(name: string): Promise<string> {
  const args = ['--filter', name, 'pack', '--pack-destination', scratch];
  const { code, output } = await pnpm(args, { capture: true });
  if (code !== 0) throw new Error(output);
  const start = `${name.slice(1).replace('/', '-')}-`;
  const file = (await readdir(scratch)).find((entry) => entry.startsWith(start)) ?? '';
  return `file:${join(scratch, file)}`;
}

it('installs without a script, and computes without the network', async (test) => {
  if (!existsSync(join(folder, 'dist/index.js'))) test.skip('the package was not built');
  const project = join(scratch, 'project');
  await mkdir(project);
  const names = ['@heddle/core', '@heddle/tfjs-cuda'];
  const dependencies: Record<string, string> = {};
  for (const name of names) dependencies[name] = await pack(name);
  const manifest = { private: true, type: 'module', dependencies };
  await writeFile(join(project, 'package.json'), JSON.stringify(manifest));
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const options = { cwd: project, shell: process.platform === 'win32' };
  try {
    await exec('npm', ['install', '--ignore-scripts=false', ...quiet], options);
  } catch (error) {
    if (OFFLINE.test(String(error))) test.skip('npm reaches no registry');
    throw error;
  }

  const files = await readdir(join(project, 'node_modules'), { recursive: true });
  const manifests = files.filter((path) => basename(path) === 'package.json');
  const withScript: string[] = [];
  for (const path of manifests) {
    const { name, scripts } = JSON.parse(
      await readFile(join(project, 'node_modules', path), 'utf8'),
    );
    const runs = ['preinstall', 'install', 'postinstall'].some((script) => scripts?.[script]);
    if (name !== undefined && runs) withScript.push(name);
  }
  expect(manifests.length).toBeGreaterThan(5);
  expect(withScript).toEqual([]);
  expect(files.filter((path) => /\.node$|binding\.gyp$/.test(path))).toEqual([]);

  await writeFile(join(project, 'program.js'), PROGRAM);
  const { stdout } = await exec(process.execPath, ['program.js'], { cwd: project });
  expect(stdout).toBe('wasm 5 11 11 25\ncpu 5 11 11 25\n');
}, 300_000);
