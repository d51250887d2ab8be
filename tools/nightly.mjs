// `npm run nightly`: what takes too long for every change. The whole suite on the newest Node line that
// Heddle supports, the long tests (HEDDLE_NIGHTLY=1: more fuzzing, real training runs), and the C kernels under
// sanitizers.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAndBuild, requireNode, root, run, tool } from './workspace.mjs';

requireNode();
await installAndBuild();
const results = [];
const note = (name, code) => results.push(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);

// Other cases every day; HEDDLE_FUZZ_SEED repeats those of one.
const seed = process.env.HEDDLE_FUZZ_SEED ?? String(Math.floor(Date.now() / 86_400_000));
console.log(`Fuzzing with HEDDLE_FUZZ_SEED=${seed}`);
const long = await tool('vitest', ['run'], {
  env: { HEDDLE_NIGHTLY: '1', HEDDLE_FUZZ_SEED: seed },
});
note(`all tests and the long ones, Node ${process.versions.node}`, long.code);

const sanitize = await run(process.execPath, [
  join(root, 'packages/backends/cpu/native/sanitize.mjs'),
]);
note('the C kernels under sanitizers and valgrind', sanitize.code);

const scratch = mkdtempSync(join(tmpdir(), 'heddle-node-'));
try {
  // npm has the binaries of Node as packages, one a platform.
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const install = await run(
    'npm',
    ['install', '--prefix', scratch, '--no-audit', '--no-fund', `${name}@24`],
    { capture: true },
  );
  if (install.code !== 0) console.log(install.output);
  const bin = join(scratch, 'node_modules', name, 'bin');
  const node = join(bin, readdirSync(bin).find((file) => /^node(\.exe)?$/.test(file)) ?? 'node');
  const { output } = await run(node, ['--version'], { capture: true });
  const suite = await run(node, [join(root, 'node_modules/vitest/vitest.mjs'), 'run']);
  note(`all tests, Node ${output.trim()}`, suite.code);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

console.log(`\n${results.join('\n')}`);
process.exit(results.some((line) => line.startsWith('FAIL')) ? 1 : 0);
