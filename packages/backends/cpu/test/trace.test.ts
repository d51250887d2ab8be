import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/* HEDDLE_PROFILE in processes of their own: the trace is written when they end. */

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const tsxApi = pathToFileURL(join(root, 'node_modules/tsx/dist/esm/api/index.mjs')).href;
const cpuModule = new URL('../src/index.ts', import.meta.url).href;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-trace-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `code`, which has `cpu` and `fill(backend, times)`, in a folder of its own with HEDDLE_PROFILE set. */
async function program(name: string, code: string, profile = 'trace.json') {
  const cwd = await mkdtemp(join(folder, 'run-'));
  const file = join(cwd, `${name}.mjs`);
  await writeFile(
    file,
    `import { isMainThread, Worker } from 'node:worker_threads';
    import { register } from ${JSON.stringify(tsxApi)};
    if (!isMainThread) register(); // Node 20 does not hand it on to workers
    const { cpu } = await import(${JSON.stringify(cpuModule)});
    function fill(backend, times) {
      const view = { buffer: backend.alloc(6, 'f32'), shape: [2, 3] };
      for (let i = 0; i < times; i++) backend.run({ kind: 'fill', value: 1 }, [], [view]);
    }
    ${code}`,
  );
  const env = { ...process.env, HEDDLE_PROFILE: profile };
  const args = ['--conditions=@heddle/source', '--import', loader, file];
  const { stderr } = await exec(process.execPath, args, { cwd, env }).catch((error) => error);
  const names = (await readdir(cwd)).filter((each) => each.endsWith('.json')).sort();
  const fills = async (each: string): Promise<number> => {
    const { traceEvents } = JSON.parse(await readFile(join(cwd, each), 'utf8'));
    return traceEvents.filter(
      (event: { ph: string; name: string }) => event.ph === 'X' && event.name === 'fill',
    ).length;
  };
  const traces = Object.fromEntries(
    await Promise.all(
      names.map(async (each) => [each.replace(/thread\d+/, 'threadN'), await fills(each)] as const),
    ),
  );
  return { stderr, traces };
}

describe('HEDDLE_PROFILE', () => {
  test('writes a trace when the process exits', async () => {
    const { stderr, traces } = await program('exit', 'fill(cpu(), 3); process.exit(0);');
    expect([stderr, traces]).toEqual(['', { 'trace.json': 3 }]);
  });

  test('gives every backend a file of its own, also in a worker thread', async () => {
    const { stderr, traces } = await program(
      'many',
      `const disposed = cpu();
      fill(disposed, 1);
      if (isMainThread) {
        fill(cpu({ kernels: 'reference' }), 2);
        await new Promise((done) => new Worker(new URL(import.meta.url)).once('exit', done));
      }
      await disposed[Symbol.asyncDispose]();
      await disposed[Symbol.asyncDispose]();`,
    );
    expect([stderr, traces]).toEqual([
      '',
      { 'trace.json': 1, 'trace-2.json': 2, 'trace-threadN.json': 1 },
    ]);
  });

  test('refuses at once a file that cannot be written', async () => {
    const { stderr, traces } = await program(
      'refused',
      'try { cpu(); } catch (error) { console.error(error.code, error.message); }',
      'nowhere/trace.json',
    );
    expect(stderr).toContain('io Cannot write the HEDDLE_PROFILE trace');
    expect(stderr).toContain(join('nowhere', 'trace.json'));
    expect(traces).toEqual({});
  });
});
