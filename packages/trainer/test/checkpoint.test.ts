import { execFile } from 'node:child_process';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Json, Tokenizer } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { adamw, sgd } from '@heddle/tensor';
import { readSafetensorsHeader } from '@heddle/tensor/safetensors';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  constant,
  cosine,
  earlyStopping,
  latestCheckpoint,
  loadCheckpoint,
  type TrainOptions,
  train,
} from '../src/index.js';
import {
  disposeAll,
  readAll,
  type TinyBatch,
  tinyBatch,
  tinyLoss,
  tinyModel,
  tinyObjective,
  tinySource,
} from './tiny.js';

const backend = cpu();
const folder = await mkdtemp(join(tmpdir(), 'heddle-checkpoint-'));
let directory: string;
let runs = 0;
beforeEach(() => {
  directory = join(folder, `run-${runs++}`);
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await backend[Symbol.asyncDispose]();
});

function options(change: Partial<TrainOptions<TinyBatch>> = {}): TrainOptions<TinyBatch> {
  return {
    backend,
    model: tinyModel,
    objective: tinyObjective(0.2),
    data: tinySource(),
    optimizer: adamw(),
    schedule: cosine({ lr: 0.02, warmup: 3 }),
    seed: 7,
    steps: 12,
    accumulate: 2,
    clip: 1,
    logEvery: 5,
    directory,
    ...change,
  };
}

async function run(change: Partial<TrainOptions<TinyBatch>> = {}) {
  const result = await train(options(change));
  disposeAll(result.params);
  return result;
}

const stepsIn = async (where: string): Promise<string[]> =>
  (await readdir(join(where, 'checkpoints'))).sort();

describe('a run goes on', () => {
  it('with the same bits from every step it may be interrupted at', async () => {
    const evaluation = {
      evaluate: async (params: Parameters<typeof readAll>[0]) => ({
        loss: await tinyLoss(params, backend),
      }),
      evaluateEvery: 4,
      checkpointEvery: 5,
    };
    await run(evaluation);
    const final = join(directory, 'checkpoints/step-12');
    const expected = await Promise.all(
      ['model.safetensors', 'optimizer.safetensors'].map((f) => readFile(join(final, f))),
    );
    const metrics = await readFile(join(directory, 'metrics.jsonl'), 'utf8');
    expect(metrics.trim().split('\n')).toHaveLength(12 + 3);
    for (let stop = 0; stop <= 12; stop++) {
      const own = `${directory}-${stop}`;
      const controller = new AbortController();
      if (stop === 0) controller.abort();
      const abort = {
        name: 'abort',
        onStep: ({ step }: { step: number }) => step === stop && controller.abort(),
      };
      const first = await run({
        ...evaluation,
        directory: own,
        callbacks: [abort as never],
        signal: controller.signal,
      });
      expect([first.step, first.reason]).toEqual([stop, stop === 12 ? 'finished' : 'interrupted']);
      const second = await run({ ...evaluation, directory: own, resume: true });
      expect([second.step, second.reason]).toEqual([12, 'finished']);
      expect(second.metrics.validation.loss).toBeGreaterThan(0);
      const end = join(own, 'checkpoints/step-12');
      expect(await readFile(join(end, 'model.safetensors'))).toEqual(expected[0]);
      expect(await readFile(join(end, 'optimizer.safetensors'))).toEqual(expected[1]);
      expect(await readFile(join(own, 'metrics.jsonl'), 'utf8')).toBe(metrics);
    }
  });

  it('from the beginning if there is no checkpoint yet, cutting off what a killed one had logged', async () => {
    await mkdir(directory);
    await writeFile(
      join(directory, 'metrics.jsonl'),
      '{"step":1,"split":"train","loss":3}\n{"step":2,"spl',
    );
    await run({ resume: true, steps: 2 });
    const lines = (await readFile(join(directory, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((l) => (JSON.parse(l) as { step: number }).step)).toEqual([1, 2]);
    expect(lines[0]).not.toContain('"loss":3}');
    expect(lines[0]).toMatch(
      /^\{"step":1,"split":"train","loss":[\d.]+,"lr":[\d.]+,"gradNorm":[\d.]+\}$/,
    );
  });

  it('with the state of its callbacks', async () => {
    const losses = [3, 2, 2.5, 2.6, 2.7];
    const change = {
      evaluateEvery: 1,
      evaluate: (_: unknown, { step }: { step: number }) => ({ loss: losses[step - 1] }),
    };
    await run({ ...change, steps: 3, callbacks: [earlyStopping({ patience: 3 })] });
    const rest = await run({
      ...change,
      resume: true,
      callbacks: [earlyStopping({ patience: 3 })],
    });
    expect(rest.step).toBe(5);
  });

  it('with the time it had used', async () => {
    let now = 0;
    const clock = (): number => now;
    const tick = { name: 'tick', onStep: (): void => void now++ };
    const budget = { steps: undefined, clock, callbacks: [tick] };
    await run({ ...budget, seconds: 4 });
    now = 1000;
    const result = await run({ ...budget, seconds: 7, resume: true });
    expect(result.step).toBe(7);
  });
});

describe('a checkpoint', () => {
  it('is a model folder with all that resuming needs', async () => {
    const tokenizer = { toJSON: (): Json => ({ version: '1.0' }) } as Tokenizer;
    const { params, checkpoint } = await train(
      options({
        tokenizer,
        config: { note: 'x' },
        files: { 'generation_config.json': { eos_token_id: 0 } },
      }),
    );
    expect((await readdir(checkpoint!)).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'optimizer.safetensors',
      'state.json',
      'tokenizer.json',
    ]);
    const saved = await loadCheckpoint(checkpoint!, backend);
    expect(saved.config).toEqual(tinyModel.config);
    expect(await readAll(saved.params)).toEqual(await readAll(params));
    expect(saved.state).toMatchObject({
      version: 1,
      step: 12,
      cursor: 23,
      run: { seed: 7, accumulate: 2 },
    });
    const { metadata } = await readSafetensorsHeader(join(checkpoint!, 'model.safetensors'));
    expect(metadata).toEqual({ format: 'pt' });
    const config = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as Json;
    expect(config).toMatchObject({
      version: 1,
      steps: 12,
      clip: 1,
      optimizer: 'adamw',
      config: { note: 'x' },
    });
    for (const p of [params, saved.params, saved.optimizer]) disposeAll(p);
  });

  it('stays if it is among the newest or the best', async () => {
    const losses = [5, 1, 4, 3, 2, 6];
    const seen: string[] = [];
    await run({
      evaluateEvery: 2,
      evaluate: (_, { step }) => ({ loss: losses[step / 2 - 1] }),
      keep: 2,
      callbacks: [
        { name: 'seen', onCheckpoint: (path) => void seen.push(path.slice(directory.length + 1)) },
      ],
    });
    expect(await stepsIn(directory)).toEqual(['step-10', 'step-12', 'step-4']);
    expect(seen).toEqual([2, 4, 6, 8, 10, 12].map((n) => `checkpoints/step-${n}`));
  });

  it('is written with the parameters from before a loss that is not finite', async () => {
    const data = tinySource({
      batch(i) {
        const batch = tinyBatch(i);
        if (i === 9) batch.inputs[0] = Number.NaN; // in step 5
        return batch;
      },
    });
    const live = backend.memory().live;
    await expect(run({ data, logEvery: 100 })).rejects.toMatchObject({
      code: 'trainer/non-finite-loss',
      details: { step: 5, after: 7, cursor: 9, checkpoint: join(directory, 'checkpoints/step-4') },
    });
    expect(backend.memory().live).toBe(live);
    const clean = `${directory}-clean`;
    await run({ directory: clean });
    await run({ resume: true }); // goes on with data that is well
    for (const file of ['metrics.jsonl', 'checkpoints/step-12/model.safetensors'])
      expect(await readFile(join(directory, file))).toEqual(await readFile(join(clean, file)));
  });

  it('is not seen while it is unfinished; a crash leaves nothing behind', async () => {
    await run({ steps: 2 });
    const all = join(directory, 'checkpoints');
    await mkdir(join(all, '.tmp-crashed'));
    await writeFile(join(all, '.tmp-crashed', 'model.safetensors'), 'half');
    expect(await latestCheckpoint(directory)).toBe(join(all, 'step-2'));
    await run({ steps: 3, resume: true });
    expect(await stepsIn(directory)).toEqual(['step-2', 'step-3']);
    expect(await latestCheckpoint(join(folder, 'no such run'))).toBeUndefined();
  });
});

describe('refuses', () => {
  it('to write over a run', async () => {
    await run({ steps: 1 });
    await expect(run()).rejects.toMatchObject({
      code: 'trainer/run-exists',
      details: { directory },
    });
  });

  it.each([
    ['seed', { seed: 8 }, 7, 8],
    ['accumulate', { accumulate: 1 }, 2, 1],
    ['optimizer', { optimizer: sgd() }, 'adamw', 'sgd'],
  ] as const)('to go on with another %s', async (what, change, saved, given) => {
    await run({ steps: 1 });
    const live = backend.memory().live;
    await expect(run({ ...change, resume: true })).rejects.toMatchObject({
      code: 'trainer/resume-mismatch',
      details: { what, saved, given },
    });
    expect(backend.memory().live).toBe(live);
  });

  it('to go on with another model', async () => {
    await run({ steps: 1 });
    const model = {
      config: {},
      init: (...args: Parameters<typeof tinyModel.init>) => {
        const { b2, ...rest } = tinyModel.init(...args);
        return { ...rest, bias2: b2 };
      },
    };
    await expect(run({ model, resume: true })).rejects.toMatchObject({
      code: 'trainer/resume-mismatch',
      details: { what: 'tensor b2' },
    });
  });

  it.each(['config.json', 'checkpoints/step-1/state.json'])(
    'a %s of another version',
    async (file) => {
      await run({ steps: 1 });
      const path = join(directory, file);
      const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, Json>;
      await writeFile(path, JSON.stringify({ ...json, version: 2 }));
      await expect(run({ resume: true })).rejects.toMatchObject({
        code: 'trainer/version',
        details: { path, given: 2, supported: [1] },
      });
    },
  );

  it.each([
    ['state.json', '{"version": 1, "step": -1}'],
    ['state.json', '{"version"'],
    ['state.json', '[]'],
    ['model.safetensors', 'short'],
  ])('a damaged %s', async (file, content) => {
    await run({ steps: 1 });
    const path = join(directory, 'checkpoints/step-1', file);
    await writeFile(path, content);
    await expect(run({ resume: true })).rejects.toMatchObject({
      code: 'bad-file',
      details: { path },
    });
  });
});

describe('a disk that fails', () => {
  it('at any moment finds the old or the new config.json, never half of one', async () => {
    await run({ steps: 1 });
    const path = join(directory, 'config.json');
    const old = `${directory}-old.json`;
    await link(path, old); // would show it if the file were written in place
    const before = await readFile(path, 'utf8');
    const names = await readdir(directory);
    await run({ steps: 2, resume: true });
    expect(await readFile(old, 'utf8')).toBe(before);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ steps: 2 });
    expect(await readdir(directory)).toEqual(names);
  });

  it.skipIf(process.platform === 'win32')('read-only: says where, and nothing leaks', async () => {
    await mkdir(directory);
    await chmod(folder, 0o755);
    await chmod(directory, 0o555);
    const live = backend.memory().live;
    const user = process.geteuid?.();
    if (user === 0) process.seteuid?.(65534); // permissions do not bind root
    try {
      const failed = await run().catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'io', details: { operation: 'write' } });
      expect((failed as Error).message).toContain(directory);
    } finally {
      if (user === 0) process.seteuid?.(0);
    }
    expect(backend.memory().live).toBe(live);
  });

  it.skipIf(process.platform === 'win32')(
    'full: the error says so, the last whole checkpoint stays, and the run goes on once there is room',
    async () => {
      // The process may write files of up to 1,024 bytes: enough for all but the optimizer's state.
      await run({ steps: 2 });
      const before = await stepsIn(directory);
      const script = `
      import { cpu } from '@heddle/cpu';
      import { adamw } from '@heddle/tensor';
      import { constant, train } from '../src/index.js';
      import { tinyModel, tinyObjective, tinySource } from './tiny.js';
      try {
        await train({ backend: cpu(), model: tinyModel, objective: tinyObjective(0.2), data: tinySource(), optimizer: adamw(),
          schedule: constant({ lr: 0.1 }), seed: 7, steps: 4, accumulate: 2, clip: 1, directory: ${JSON.stringify(directory)}, resume: true });
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, details: error.details, message: error.message }));
      }`;
      const file = fileURLToPath(new URL(`./.full-${process.pid}.ts`, import.meta.url));
      await writeFile(file, script);
      try {
        const command = `ulimit -f 1; exec "$0" --conditions=@heddle/source --import tsx "$1"`;
        const { stdout } = await promisify(execFile)(
          'bash',
          ['-c', command, process.execPath, file],
          {
            cwd: fileURLToPath(new URL('../../..', import.meta.url)),
            env: { ...process.env, TSX_DISABLE_CACHE: '1' },
          },
        );
        const error = JSON.parse(stdout) as { code: string; message: string; details: Json };
        expect(error).toMatchObject({ code: 'io', details: { operation: 'write' } });
        expect(error.message).toMatch(
          /optimizer\.safetensors: the file is larger than may be written \(EFBIG\)/,
        );
      } finally {
        await rm(file);
      }
      expect(await stepsIn(directory)).toEqual(before);
      const rest = await run({
        steps: 4,
        optimizer: adamw(),
        schedule: constant({ lr: 0.1 }),
        resume: true,
      });
      expect([rest.step, rest.reason]).toEqual([4, 'finished']);
    },
  );
});
