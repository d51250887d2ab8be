// node native/sanitize.mjs
// The kernels under AddressSanitizer, UndefinedBehaviorSanitizer, ThreadSanitizer and valgrind, by the C
// driver; and the conformance suite in Node under the first two. Says what it skips, and why.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'heddle-sanitize-'));
const sources = readdirSync(here)
  .filter((name) => name.endsWith('.c'))
  .map((name) => join(here, name));
const common = ['-std=gnu11', '-O1', '-g', '-fno-math-errno', '-fno-trapping-math', '-pthread'];
const strict = ['-Wall', '-Wextra', '-Wconversion', '-Werror'];
let failed = 0;

/** Runs a command; reports it under `name`. A tool that is not there is a skip. */
async function step(name, command, args, env = {}) {
  try {
    const { stdout } = await run(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      maxBuffer: 2 ** 27,
    });
    console.log(`${name}: passed`);
    return stdout;
  } catch (error) {
    if (error.code === 'ENOENT') {
      console.log(`${name}: skipped, there is no ${command}`);
      return undefined;
    }
    failed++;
    console.log(`${name}: FAILED\n${error.stdout ?? ''}\n${error.stderr ?? error.message}`);
    return undefined;
  }
}

const driver = join(here, 'test', 'driver.c');
const libraries = ['-lm', '-ldl'];
for (const compiler of ['gcc', 'clang'])
  await step(`${compiler} without a warning`, compiler, [
    ...common,
    ...strict,
    '-fsyntax-only',
    ...sources,
  ]);

for (const kind of ['address', 'undefined', 'thread']) {
  const program = join(folder, kind);
  const flags = [`-fsanitize=${kind}`, '-fno-sanitize-recover=all'];
  const built = await step(`build with -fsanitize=${kind}`, 'gcc', [
    ...[...common, ...flags, driver, ...sources, '-o', program],
    ...libraries,
  ]);
  if (built !== undefined) await step(`driver, ${kind}`, program, ['3']);
}

const plain = join(folder, 'plain');
const built = await step('build for valgrind', 'gcc', [
  ...common,
  driver,
  ...sources,
  '-o',
  plain,
  ...libraries,
]);
if (built !== undefined)
  await step('driver, valgrind', 'valgrind', [
    '--error-exitcode=1',
    '--leak-check=full',
    '-q',
    plain,
    '2',
  ]);

for (const kind of ['address', 'undefined']) {
  const library = join(folder, `libheddle_cpu-${kind}.so`);
  const flags = ['-shared', '-fPIC', '-fvisibility=hidden', `-fsanitize=${kind}`];
  const made = await step(`library with -fsanitize=${kind}`, 'gcc', [
    ...[...common, ...flags, ...sources, '-o', library],
    ...libraries,
  ]);
  if (made === undefined) continue;
  const runtime = { address: 'libasan.so', undefined: 'libubsan.so' }[kind];
  const { stdout } = await run('gcc', [`-print-file-name=${runtime}`]);
  await step(
    `conformance suite, ${kind}`,
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      'packages/backends/cpu/test/conformance.test.ts',
    ],
    {
      LD_PRELOAD: stdout.trim(),
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'halt_on_error=1',
      HEDDLE_CPU_LIBRARY: library,
    },
  );
}

rmSync(folder, { recursive: true, force: true });
process.exitCode = failed > 0 ? 1 : 0;
