// node tools/release.mjs LIBRARIES
// Publishes: the kernels of each platform first, which the release workflow built into LIBRARIES/<platform>,
// then all packages, of which @heddle/cpu depends on those. For a checkout that is thrown away afterwards.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });

const [libraries] = process.argv.slice(2);
if (libraries === undefined) {
  console.error('release: give the folder of the built kernels, which has one folder a platform.');
  process.exit(2);
}
const platforms = join(root, 'packages/backends/cpu/native/platforms.mjs');
const out = mkdtempSync(join(tmpdir(), 'heddle-platforms-'));
run('npx', ['turbo', 'run', 'build']);
run(process.execPath, [platforms, 'pack', libraries, out]);
for (const folder of readdirSync(out)) {
  const { name, version } = JSON.parse(readFileSync(join(out, folder, 'package.json'), 'utf8'));
  if (isPublished(`${name}@${version}`)) continue; // by an earlier try
  run('npm', ['publish', '--access', 'public'], join(out, folder));
}
run(process.execPath, [platforms, 'depend']);
run('npx', ['changeset', 'publish']);

function isPublished(version) {
  try {
    return execFileSync('npm', ['view', version, 'version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
}
