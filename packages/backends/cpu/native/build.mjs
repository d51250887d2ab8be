// Builds the native kernels into dist/native. Without a compiler it says so and the TypeScript
// reference kernels serve; it never fails the package's build.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', 'dist', 'native');
const library = `libheddle_cpu.${process.platform === 'darwin' ? 'dylib' : 'so'}`;
const sources = ['tier.c', 'tier_generic.c', 'tier_avx2.c', 'tier_avx512.c', 'pool.c'];
const flags = [
  '-std=gnu11',
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fPIC',
  '-shared',
  '-fvisibility=hidden',
  '-pthread',
  '-Wall',
  '-Wextra',
];

/** The first compiler that answers. */
function findCompiler() {
  const candidates = process.env.CC ? [process.env.CC] : ['cc', 'gcc', 'clang'];
  return candidates
    .map((words) => words.split(' '))
    .find(([command]) => {
      try {
        execFileSync(command, ['--version'], { stdio: 'ignore' });
        return true;
      } catch {
        return false;
      }
    });
}

function build() {
  if (process.platform === 'win32') return 'skipped: not built on Windows yet';
  const compiler = findCompiler();
  if (compiler === undefined) return 'skipped: no C compiler (cc, gcc, clang or $CC)';
  const temporary = join(out, `${process.pid}-${library}`);
  try {
    mkdirSync(out, { recursive: true });
    const inputs = sources.map((file) => join(here, file));
    execFileSync(
      compiler[0],
      [...compiler.slice(1), ...flags, '-o', temporary, ...inputs, '-lm', '-ldl'],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    renameSync(temporary, join(out, library));
    return `built with ${compiler.join(' ')}`;
  } catch (error) {
    rmSync(temporary, { force: true });
    return `skipped: ${compiler[0]} failed (${error instanceof Error ? error.message.split('\n')[0] : error})`;
  }
}

const result = build();
const consequence = result.startsWith('skipped')
  ? '; the TypeScript reference kernels will serve'
  : '';
console.log(`@heddle/cpu: native kernels ${result}${consequence}`);
