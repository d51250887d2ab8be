// `npm test`: installs, builds, checks and tests everything, and ends with one line of counts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAndBuild, requireNode, root, run, tool } from './workspace.mjs';

requireNode();
const counts = { passed: 0, failed: 0, skipped: 0 };
const began = Date.now();
const clock = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;

async function check(name, result) {
  const { code, output } = await result;
  counts[code === 0 ? 'passed' : 'failed']++;
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${clock()})`);
  if (code !== 0) console.log(output);
}

await installAndBuild();
console.log(`built (${clock()})`);
const capture = { capture: true };
await check('types', tool('tsc', ['-p', 'tsconfig.json'], capture));
await check('lint', tool('biome', ['check', '--max-diagnostics=50', '.'], capture));
await check('layers', run(process.execPath, ['tools/checks/layers.mjs'], capture));
await check('imports', tool('knip', ['--no-progress'], capture));
await check('exports', run(process.execPath, ['tools/checks/exports.mjs'], capture));

const scratch = mkdtempSync(join(tmpdir(), 'heddle-test-'));
try {
  const report = join(scratch, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  await tool('vitest', ['run', ...reporters], { cwd: root });
  const result = JSON.parse(readFileSync(report, 'utf8'));
  counts.passed += result.numPassedTests;
  counts.skipped += result.numPendingTests + result.numTodoTests;
  // A suite that fails outside its tests counts as one failure.
  const broken = result.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  counts.failed += result.numFailedTests + broken.length;
} catch (error) {
  console.error(error);
  counts.failed++;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

console.log(`\nTook ${clock()}.`);
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
