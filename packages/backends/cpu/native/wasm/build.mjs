// Builds the kernels for WebAssembly into dist/wasm: with and without shared memory (threads), and
// both with and without relaxed SIMD, whose multiply-add not every engine has. Needs clang and
// wasm-ld (Debian: clang, lld); without them it says so.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '..', '..', 'dist', 'wasm');

const PAGE = 65_536;
/** Bytes at the begin of the memory: data, the caller's stack, working space. Untouched pages cost nothing. */
const RESERVED = 64 * 2 ** 20;
const STACK = 2 ** 20;
const PAGES = 65_536; // 4 GiB, all that 32-bit addresses reach

const compile = [
  '--target=wasm32',
  '-std=gnu11',
  '-O3',
  '-ffreestanding',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fvisibility=hidden',
  '-msimd128',
  '-mbulk-memory',
  '-matomics',
  '-mmutable-globals',
  '-Wall',
  '-Wextra',
  '-Wno-pass-failed',
  `-DRESERVED_BYTES=${RESERVED}u`,
  `-I${join(here, 'include')}`,
];
const link = [
  '--no-entry',
  '--export-dynamic',
  '--export=__stack_pointer',
  '--import-memory',
  `--initial-memory=${RESERVED}`,
  `--max-memory=${PAGES * PAGE}`,
  '-z',
  `stack-size=${STACK}`,
  '--stack-first',
  '--strip-all',
];

/** Where `bytes` has `opcode`. */
function positions(bytes, opcode) {
  const found = [];
  for (let at = bytes.indexOf(opcode); at >= 0; at = bytes.indexOf(opcode, at + 1)) found.push(at);
  return found;
}

/**
 * clang 14 writes multiply-add as the proposal numbered it then; engines know its final number.
 * The object has as many of the old bytes as the assembly has instructions, so all are those.
 */
async function renumberMultiplyAdd(clang, flags, source, object) {
  const assembly = `${object}.s`;
  await run(clang, [...flags, '-S', source, '-o', assembly]);
  const count = readFileSync(assembly, 'utf8').split('f32x4.fma').length - 1;
  if (count === 0) return;
  const bytes = readFileSync(object);
  const at = positions(bytes, Buffer.from([0xfd, 0xaf, 0x01]));
  if (at.length !== count) throw new Error(`error: ${at.length} opcodes for ${count} instructions`);
  for (const position of at) bytes.set([0xfd, 0x85, 0x02], position);
  writeFileSync(object, bytes);
}

async function buildInto(folder, { clang, linker }) {
  const pool = join(folder, 'pool.o');
  await run(clang, [...compile, '-c', join(here, 'pool.c'), '-o', pool]);
  for (const relaxed of [false, true]) {
    const flags = [
      ...compile,
      `-DRELAXED=${relaxed ? 1 : 0}`,
      ...(relaxed ? ['-mrelaxed-simd'] : []),
    ];
    const source = join(here, 'tier_wasm.c');
    const tier = join(folder, `tier${relaxed ? '-relaxed' : ''}.o`);
    await run(clang, [...flags, '-c', source, '-o', tier]);
    if (relaxed) await renumberMultiplyAdd(clang, flags, source, tier);
    for (const shared of [false, true]) {
      const name = `heddle${shared ? '-threads' : ''}${relaxed ? '-relaxed' : ''}.wasm`;
      const module = join(folder, name);
      await run(linker, [
        ...link,
        ...(shared ? ['--shared-memory'] : []),
        tier,
        pool,
        '-o',
        module,
      ]);
      renameSync(module, join(out, name));
    }
  }
}

/** The first of some commands that answers. */
async function find(commands) {
  for (const command of commands)
    if (await run(command, ['--version']).catch(() => undefined)) return command;
  return undefined;
}

/** Builds, and says what came of it in a few words that begin with "built" or "skipped". */
export async function buildWasm() {
  const clang = await find(['clang', 'clang-14']);
  const linker = await find(['wasm-ld', 'wasm-ld-14']);
  if (clang === undefined || linker === undefined) return 'skipped: no clang or no wasm-ld (lld)';
  let folder;
  try {
    mkdirSync(out, { recursive: true });
    folder = mkdtempSync(join(out, 'build-'));
    await buildInto(folder, { clang, linker });
    return `built with ${clang}`;
  } catch (error) {
    const lines = `${error.stderr || error.message}`.trim().split('\n');
    return `skipped: ${clang} failed (${lines.find((line) => line.includes('error')) ?? lines[0]})`;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
