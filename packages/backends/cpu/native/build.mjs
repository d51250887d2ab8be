// Builds the native kernels into dist/native. Without a compiler it says so and the TypeScript
// reference kernels serve; it never fails the package's build.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildWasm } from './wasm/build.mjs';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'dist', 'native');
const library = `libheddle_cpu.${process.platform === 'darwin' ? 'dylib' : 'so'}`;
const sources = [
  'tier.c',
  'tier_generic.c',
  'tier_avx2.c',
  'tier_avx512.c',
  'tier_avx512bf16.c',
  'pool.c',
  'memory.c',
];
const flags = [
  '-std=gnu11',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fPIC',
  '-fvisibility=hidden',
  '-pthread',
  '-Wall',
  '-Wextra',
];

/** The first compiler that answers, with its arguments. */
async function findCompiler() {
  const candidates = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
  for (const words of candidates.map((candidate) => candidate.split(' '))) {
    const answers = await run(words[0], ['--version']).catch(() => undefined);
    if (answers !== undefined) return words;
  }
  return undefined;
}

/** Compiles the sources side by side into `folder`, and links them. */
async function compile([command, ...own], folder) {
  const objects = await Promise.all(
    sources.map(async (source) => {
      const object = join(folder, source.replace(/c$/, 'o'));
      await run(command, [...own, ...flags, '-c', join(here, source), '-o', object]);
      return object;
    }),
  );
  const linked = join(folder, library);
  await run(command, [...own, '-shared', '-pthread', '-o', linked, ...objects, '-lm', '-ldl']);
  renameSync(linked, join(out, library));
}

async function build() {
  if (process.platform === 'win32') return 'skipped: not built on Windows yet';
  const compiler = await findCompiler();
  if (compiler === undefined) return 'skipped: no C compiler (cc, gcc, clang or $CC)';
  let folder;
  try {
    mkdirSync(out, { recursive: true });
    folder = mkdtempSync(join(out, 'build-'));
    await compile(compiler, folder);
    return `built with ${compiler.join(' ')}`;
  } catch (error) {
    const lines = `${error.stderr || error.message}`.trim().split('\n');
    const what = lines.find((line) => line.includes('error')) ?? lines[0];
    return `skipped: ${compiler.join(' ')} failed (${what})`;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

const result = await build();
const consequence = result.startsWith('skipped')
  ? '; the TypeScript reference kernels will serve'
  : '';
console.log(`@heddle/cpu: native kernels ${result}${consequence}`);
console.log(`@heddle/cpu: WebAssembly kernels ${await buildWasm()}`);
