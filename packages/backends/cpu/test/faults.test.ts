import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Op } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cpu } from '../src/index.js';
import { openLibrary } from '../src/native/library.js';
import { libraryPaths } from '../src/native/locate.js';

/* What goes wrong around the kernels: libraries that do not fit, processes that end, operands that overlap. */

const exec = promisify(execFile);
const root = new URL('../../../../', import.meta.url);
const tsx = new URL('node_modules/tsx/dist/esm/api/index.mjs', root).href;
const source = new URL('../src/index.ts', import.meta.url).href;
const built = libraryPaths().length > 0;
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'heddle-faults-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs a program that has `cpu` in its own process; its output. */
async function inProcess(code: string, env: Record<string, string> = {}): Promise<string> {
  const file = join(scratch, `program-${Math.abs(hash(code))}.mjs`);
  const start = [
    `import { register } from ${JSON.stringify(tsx)};`,
    'register();', // in worker threads too
    `const { cpu, describeCpu } = await import(${JSON.stringify(source)});`,
  ];
  await writeFile(file, [...start, code].join('\n'));
  const args = ['--conditions=@heddle/source', file];
  const { stdout } = await exec(process.execPath, args, {
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
  return stdout.trim();
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) | 0, 7);
}

describe.skipIf(!built)('a library that does not fit (skipped without native kernels)', () => {
  const described = (env: Record<string, string>): Promise<string> =>
    inProcess('console.log(JSON.stringify(describeCpu()));', env);

  test('is not one: the next tier, and the reason', async () => {
    const file = join(scratch, 'text.so');
    await writeFile(file, 'no library');
    const { tier, reason } = JSON.parse(await described({ HEDDLE_CPU_LIBRARY: file }));
    expect(tier).not.toBe('native');
    expect(reason).toContain('text.so does not load');
  });

  test('is of another processor', async () => {
    // The header of an ELF library for a machine that nobody has: EM_S390.
    const header = Buffer.alloc(64);
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    header.writeUInt16LE(3, 16);
    header.writeUInt16LE(22, 18);
    const file = join(scratch, 'other.so');
    await writeFile(file, header);
    const { tier, reason } = JSON.parse(await described({ HEDDLE_CPU_LIBRARY: file }));
    expect(tier).not.toBe('native');
    expect(reason).toContain('other.so does not load');
  });

  test('is asked for instructions that it or the processor lacks', async () => {
    const { tier, reason } = JSON.parse(await described({ HEDDLE_CPU_TIER: 'sve9' }));
    expect(tier).not.toBe('native');
    expect(reason).toMatch(/cannot run its kernels "sve9".*those that run: .*generic/);
  });

  test('a lower tier serves where it is asked for', async () => {
    const { tier, simd } = JSON.parse(await described({ HEDDLE_CPU_TIER: 'generic' }));
    expect([tier, simd]).toEqual(['native', 'generic']);
  });

  test('is missing', () => {
    expect(openLibrary({ threads: 1, path: join(scratch, 'nothing.so') })).toMatchObject({
      reason: expect.stringContaining('nothing.so does not load'),
    });
  });
});

/** Multiplies on `threads` threads; workers spin for a while afterwards. */
const MULTIPLY = `
function multiply(threads) {
  const backend = cpu({ threads });
  const n = 300;
  const x = backend.alloc(n * n, 'f32');
  const y = backend.alloc(n * n, 'f32');
  backend.write(x, new Float32Array(n * n).fill(0.5));
  const view = { buffer: x, shape: [n, n] };
  backend.run({ kind: 'matmul', transposeA: false, transposeB: true }, [view, view], [{ buffer: y, shape: [n, n] }]);
  return n;
}`;

describe('processes and threads', () => {
  test('exit right after a kernel, while workers spin', async () => {
    expect(await inProcess(`${MULTIPLY}\nmultiply(3); console.log('done'); process.exit(0);`)).toBe(
      'done',
    );
  });

  test('a child is started while workers spin', async () => {
    const code = `${MULTIPLY}
import { execFileSync } from 'node:child_process';
multiply(3);
console.log(execFileSync(process.execPath, ['-p', '6 * 7']).toString().trim());
multiply(3);
console.log('still here');`;
    expect(await inProcess(code)).toBe('42\nstill here');
  });

  test('two backends in two worker threads at once, and one terminated in the middle', async () => {
    const code = `${MULTIPLY}
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
if (isMainThread) {
  const begin = (threads, forever) =>
    new Worker(new URL(import.meta.url), { workerData: { threads, forever } });
  const endless = begin(2, true);
  const workers = [begin(2, false), begin(3, false), endless];
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  await endless.terminate();
  console.log('both', multiply(2));
  process.exit(0);
} else {
  multiply(workerData.threads);
  parentPort.postMessage('ready');
  while (workerData.forever) multiply(workerData.threads);
}`;
    expect(await inProcess(code)).toBe('both 300');
  });
});

describe('outputs that are other operands', () => {
  const cases: readonly (readonly [Op, inputs: number, allowed: readonly number[]])[] = [
    [{ kind: 'add' }, 2, [0, 1]],
    [{ kind: 'exp' }, 1, [0]],
    [{ kind: 'matmul', transposeA: false, transposeB: false }, 2, []],
    [{ kind: 'linear', transposeWeight: false, bias: false, residual: true }, 3, []],
    [{ kind: 'permute', axes: [1, 0] }, 1, []],
    [{ kind: 'updateSlice', start: [0, 0] }, 2, [0]],
    [{ kind: 'softmaxBackward' }, 2, []],
    [
      { kind: 'linearBackwardWeight', transposeWeight: false, bias: false, accumulate: true },
      3,
      [2],
    ],
  ];
  test.each(cases)('%o', async (op, inputs, allowed) => {
    for (const kernels of ['reference', 'native'] as const) {
      if (kernels === 'native' && !built) continue;
      await using backend = cpu({ kernels, threads: 1 });
      for (let i = 0; i < inputs; i++) {
        const views = Array.from({ length: inputs }, () => {
          const buffer = backend.alloc(9, 'f32');
          backend.write(buffer, new Float32Array(9));
          return { buffer, shape: [3, 3] };
        });
        const run = (): void => backend.run(op, views, [views[i]]);
        if (allowed.includes(i)) run();
        else expect(run).toThrow(/may not overwrite/);
      }
    }
  });
});
