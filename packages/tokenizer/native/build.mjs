// node native/build.mjs [--check]
// Compiles the scanner to WebAssembly and writes it into src/scanner/scanner-wasm.ts, which is checked in: only who
// changes the C needs clang and wasm-ld (Debian: clang, lld). With --check it compiles nothing, and fails if the file
// was made of other sources.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const made = join(here, '..', 'src', 'scanner', 'scanner-wasm.ts');
const sources = readdirSync(here)
  .filter((name) => /\.[ch]$/.test(name))
  .sort();

/** Bytes of text that are scanned at once, and of the longest piece whose tokens are remembered. */
const CHUNK = 32_768;
const LONGEST = 128;
const MOST_MEMORY = 16 * 2 ** 20;

const flags = [
  ...['--target=wasm32', '-std=gnu11', '-O2', '-msimd128', '-mbulk-memory'],
  ...['-ffreestanding', '-nostdlib', '-Wall', '-Wextra', '-Werror', '-Wno-sign-compare'],
  ...[`-DCHUNK=${CHUNK}`, `-DLONGEST=${LONGEST}`],
  ...['text', 'ends', 'tokens', 'learnt', 'classes'].map((array) => `-Wl,--export=${array}`),
  ...['--no-entry', '--strip-all', '--stack-first', '-z', 'stack-size=8192'].map(
    (flag) => `-Wl,${flag}`,
  ),
  `-Wl,--max-memory=${MOST_MEMORY}`,
];

/** Of a checkout with any ends of lines. */
const source = (name) => readFileSync(join(here, name), 'utf8').replaceAll('\r\n', '\n');

/** SHA-256 of the flags and sources. */
function sourcesDigest() {
  const hash = createHash('sha256').update(JSON.stringify(flags));
  for (const name of sources) hash.update(`\n${name}\n`).update(source(name));
  return hash.digest('hex');
}

function compiled() {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-scanner-'));
  try {
    const module = join(folder, 'scanner.wasm');
    const files = sources.filter((name) => name.endsWith('.c')).map((name) => join(here, name));
    execFileSync('clang', [...flags, ...files, '-o', module], { stdio: 'inherit' });
    return readFileSync(module);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function written(module) {
  const lines = module.toString('base64').match(/.{1,92}/g);
  return `// Made by native/build.mjs. Do not edit. SHA-256 of the C sources and of the compiler's flags:
// ${sourcesDigest()}

/** Bytes of text that are scanned at once. */
export const CHUNK_BYTES: number = ${CHUNK};

/** Bytes of the longest piece whose tokens are remembered. */
export const LONGEST_BYTES: number = ${LONGEST};

/** The module, in base64. */
export const SCANNER_WASM: string = /* @__PURE__ */ [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}

if (process.argv.includes('--check')) {
  if (!readFileSync(made, 'utf8').includes(sourcesDigest())) {
    console.error(`${made} was made of other sources: run node native/build.mjs`);
    process.exitCode = 1;
  }
} else {
  const module = compiled();
  writeFileSync(made, written(module));
  console.log(`@heddle/tokenizer: scanner built, ${module.length} bytes`);
}
