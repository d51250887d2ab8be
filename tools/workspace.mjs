// What the scripts in this folder share: where things are, and how to run a command.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The one version of pnpm that works on every Node that Heddle supports. */
const PNPM = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;

/** Folders of all publishable packages, relative to the root, lowest layer first. */
export function packageFolders() {
  const folders = ['packages', 'packages/backends', 'tools'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .filter((folder) => !manifestOf(folder).private),
  );
  return folders.sort((a, b) => layerOf(a) - layerOf(b) || (a < b ? -1 : 1));
}

export function manifestOf(folder) {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

/** The layer that a package's turbo.json declares (tag "layer-N"). */
export function layerOf(folder) {
  const file = join(root, folder, 'turbo.json');
  const tag = JSON.parse(readFileSync(file, 'utf8')).tags?.find((t) => /^layer-\d$/.test(t));
  if (!tag) throw new Error(`${file} has no tag "layer-N"`);
  return Number(tag.slice('layer-'.length));
}

/** Runs a command and resolves to its exit code, and to its output where `capture` is set. */
export function run(command, args, { capture = false, cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', ...env },
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output }));
  });
}

export const pnpm = (args, options) => run('npx', ['-y', PNPM, ...args], options);

/** A tool of the workspace, by the name of its command. */
export const tool = (name, args, options) =>
  run(
    join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name),
    args,
    options,
  );

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Heddle needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs the workspace exactly as the lockfile says, and builds every package. */
export async function installAndBuild() {
  console.log('Installing the workspace …');
  const install = await pnpm(
    ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'],
    { capture: true },
  );
  if (install.code !== 0) fail('pnpm install', install.output);
  console.log('Building the packages …');
  // Through pnpm, because turbo looks for it on the PATH.
  const args = ['exec', 'turbo', 'run', 'build', '--output-logs=full', '--log-order=grouped'];
  const build = await pnpm(args, { capture: true, env: { HEDDLE_COMPILERS: compilers() } });
  if (build.code !== 0) fail('turbo run build', build.output);
  for (const line of build.output.split('\n')) {
    const note = line.match(/(@heddle\/cpu: native kernels .*)/);
    if (note) console.log(note[1]);
  }
}

/** The C compilers that answer: where one is installed later, the native kernels are built anew. */
function compilers() {
  const answers = (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  return ['cc', 'gcc', 'clang'].filter(answers).join(' ');
}

function fail(what, output) {
  console.error(output);
  console.error(`\n${what} failed; its output is above.`);
  process.exit(1);
}
