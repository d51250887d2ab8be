import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { fences } from '../../test/fences.js';
import { closure, exec, fromTarballs, install, pack } from '../../test/packing.js';
import { root, tool } from '../../workspace.mjs';
import { KINDS, type PluginKind } from '../src/index.js';
import { BREAKS } from './breaks.js';

/*
 * A plug-in of each kind as its author meets it: begun by the published commands, installed with npm outside
 * the workspace (one npm workspace for all of them, so that one installation does), built and tested there.
 */

const kinds = Object.keys(KINDS) as PluginKind[];
const nameOf = (kind: PluginKind): string =>
  kind === 'metric' ? '@weavers/heddle-similarity' : `heddle-own-${kind}`;

const shell = process.platform === 'win32';
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
let project: string;
/** Why nothing could be installed. */
let offline: string | undefined;

const folderOf = (kind: PluginKind): string => join(project, 'plugins', kind);

/** Runs a command that must succeed, to its output. */
async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec(command, args, { cwd, shell }).catch((error) => {
    throw new Error(`${command} ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}

const node = (cwd: string, ...args: string[]): Promise<string> =>
  run(cwd, process.execPath, ...args);

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'heddle-plugins-'));
  const needs = Object.values(KINDS).flatMap(({ peers, tests }) => [...peers, ...tests]);
  const names = closure(['@heddle/cli', ...needs.map((name) => `@heddle/${name}`)]);
  try {
    const tarballs = await pack(names, project);
    const dependencies = fromTarballs(tarballs.keys(), tarballs);
    await install(project, dependencies);
    for (const kind of kinds) await create(kind);
    await install(project, dependencies, { workspaces: ['plugins/*'] });
    await run(project, 'npm', 'run', 'build', '--workspaces');
  } catch (error) {
    offline = /(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED)/.exec(
      String(error),
    )?.[1];
    if (offline === undefined) throw error;
  }
}, 400_000);

afterAll(() => rm(project, { recursive: true, force: true }));

/** By the command of @heddle/cli, and some by that behind `npm create`. */
async function create(kind: PluginKind): Promise<void> {
  const args = [kind, nameOf(kind), '--folder', folderOf(kind)];
  const modules = join(project, 'node_modules/@heddle');
  const command =
    kind === 'task' || kind === 'stage'
      ? [join(modules, 'create-plugin/dist/bin.js')]
      : [join(modules, 'cli/dist/bin.js'), 'create'];
  const out = await node(project, ...command, ...args);
  expect(out).toContain('npm install\n  npm test');
}

/** The program of a README, in a file of the project that uses the package. */
async function readmeOf(kind: PluginKind): Promise<string> {
  const programs = fences(await readFile(join(folderOf(kind), 'README.md'), 'utf8'));
  expect(programs).toHaveLength(1);
  const path = `readme-${kind}.mts`;
  await writeFile(join(project, path), programs[0].code);
  return path;
}

function requireNetwork(test: TestContext): void {
  if (offline !== undefined) test.skip(`npm could not install: ${offline}`);
}

describe.each(kinds)('a new %s', (kind) => {
  it('passes its tests and runs its README', async (test) => {
    requireNetwork(test);
    const report = await run(folderOf(kind), 'npm', 'test', '--', '--reporter=json', '--silent');
    const { numPassedTests, numFailedTests } = JSON.parse(report.slice(report.indexOf('{"')));
    expect(numPassedTests).toBeGreaterThan(3);
    expect(numFailedTests).toBe(0);
    await node(project, '--import', tsx, await readmeOf(kind));
  });

  it('is packed whole, and without what only its author needs', async (test) => {
    requireNetwork(test);
    const [packed] = JSON.parse(
      await run(folderOf(kind), 'npm', 'pack', '--dry-run', '--json', '--ignore-scripts'),
    );
    const files: string[] = packed.files.map(({ path }: { path: string }) => path);
    for (const file of ['package.json', 'README.md', 'dist/index.js', 'dist/index.d.ts'])
      expect(files).toContain(file);
    const others = files.filter((file) => !/^(dist\/|package\.json$|README\.md$)/.test(file));
    expect(others).toEqual([]);
    const lint = await tool('publint', ['run', folderOf(kind), '--strict'], { capture: true });
    expect(lint.code, lint.output).toBe(0);
  });
});

it('is type-correct: sources, tests, and the READMEs, which import what was built', async (test) => {
  requireNetwork(test);
  await Promise.all(kinds.map(readmeOf));
  const include = ['readme-*.mts', 'plugins/*/src', 'plugins/*/test'];
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ extends: './plugins/backend/tsconfig.json', include }),
  );
  await node(project, 'node_modules/typescript/bin/tsc');
});

it('trains with what was made, by the names of the packages in a YAML file', async (test) => {
  requireNetwork(test);
  const words = ['warp', 'weft', 'loom', 'heddle', 'reed', 'shuttle', 'thread', 'cloth'];
  const sentence = (i: number): string =>
    Array.from({ length: 60 }, (_, j) => words[(i * j + j * j + i) % words.length]).join(' ');
  const text = Array.from({ length: 40 }, (_, i) => `${sentence(i)} from weaver@example.org`);
  await writeFile(join(project, 'poem.txt'), text.join('\n'));
  const named = (['backend', 'source', 'stage', 'callback'] as const).map(nameOf);
  await writeFile(
    join(project, 'heddle.config.yaml'),
    `plugins: ${JSON.stringify(named)}
backend: { name: own-backend }
corpus:
  source: { name: own-source, options: { file: poem.txt } }
  stages: [{ name: own-stage, options: { replacement: someone } }]
  validation: 0.2
tokenizer: { vocabSize: 270 }
model: { layers: 1, heads: 1, hidden: 8, context: 16 }
pretrain:
  steps: 9
  rows: 2
  logEvery: 1
  callbacks: [{ name: own-callback, options: { loss: 100, times: 4 } }]
`,
  );
  const heddle = (...args: string[]): Promise<string> =>
    node(project, 'node_modules/@heddle/cli/dist/bin.js', ...args, '--json');
  await heddle('corpus', 'build');
  await heddle('tokenizer', 'train');
  const trained = JSON.parse(await heddle('pretrain'));
  expect(trained).toMatchObject({ step: 4, reason: 'the training loss is below 100' });
});

it('fails its own tests once it is wrong, whatever its kind', async (test) => {
  requireNetwork(test);
  for (const kind of kinds) {
    const { file, right, wrong } = BREAKS[kind];
    const path = join(folderOf(kind), file);
    const code = await readFile(path, 'utf8');
    expect(code.split(right), `${file} has "${right}" once`).toHaveLength(2);
    await writeFile(
      path,
      code.replace(right, () => wrong),
    );
  }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--silent'];
  const { stdout } = await exec(process.execPath, vitest, {
    cwd: project,
    maxBuffer: 2 ** 28,
  }).catch((failed) => failed);
  const { testResults } = JSON.parse(stdout);
  for (const kind of kinds) {
    const { name } = testResults.find(({ name }: { name: string }) => name.includes(`/${kind}/`));
    const { assertionResults } = testResults.find((file: { name: string }) => file.name === name);
    const failed: string[] = assertionResults
      .filter(({ status }: { status: string }) => status === 'failed')
      .map(({ fullName }: { fullName: string }) => fullName);
    expect(failed.length, `a wrong ${kind} passes`).toBeGreaterThan(0);
    expect(failed.join('\n')).toMatch(BREAKS[kind].fails);
  }
});
