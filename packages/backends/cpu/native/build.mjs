// node native/build.mjs [--platform linux|darwin|win32] [--out FOLDER] [--strict]
// Builds the native kernels into dist/native (or FOLDER), for this platform or, with $CC a cross
// compiler, another. Without a compiler it says so and other kernels serve: it never fails the
// package's build, but with --strict.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { libraryFile } from './platforms.mjs';
import { buildWasm } from './wasm/build.mjs';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: process.platform },
    out: { type: 'string', default: join(here, '..', 'dist', 'native') },
    strict: { type: 'boolean', default: false },
  },
});
const { out, platform } = values;
const library = libraryFile(platform);
/** What the library is linked with; on Windows statically, as nothing of it is on the system. */
const linked = { linux: ['-lm', '-ldl'], darwin: [], win32: ['-static', '-lm'] };
const sources = [
  'tier.c',
  'tier_generic.c',
  'tier_avx2.c',
  'tier_avx512.c',
  'tier_avx512bf16.c',
  'tier_neon.c',
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
  '-Wconversion',
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
  const made = join(folder, library);
  const libraries = linked[platform] ?? linked.linux;
  await run(command, [...own, '-shared', '-pthread', '-o', made, ...objects, ...libraries]);
  renameSync(made, join(out, library));
}

async function build() {
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
  ? '; those of WebAssembly or TypeScript will serve'
  : '';
console.log(`@heddle/cpu: native kernels ${result}${consequence}`);
if (values.strict) process.exitCode = result.startsWith('skipped') ? 1 : 0;
else console.log(`@heddle/cpu: WebAssembly kernels ${await buildWasm()}`);
