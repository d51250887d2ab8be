import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpu } from '@heddle/cpu';
import { expect, it } from 'vitest';
import { latestCheckpoint, loadCheckpoint } from '../src/index.js';
import { disposeAll } from './tiny.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function start(directory: string, slow: number): ChildProcess {
  return spawn(
    process.execPath,
    [
      '--conditions=@heddle/source',
      '--import',
      'tsx',
      fileURLToPath(new URL('./kill-child.ts', import.meta.url)),
      directory,
      String(slow),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

it('killed ten times at any moment, the run ends with the same bits as one that was not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-kill-'));
  const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
  const backend = cpu();
  const uninterrupted = once(start(whole, 0), 'close');

  const steps: number[] = [];
  for (let kill = 0; kill < 10; kill++) {
    const child = start(killed, 4);
    const closed = once(child, 'close');
    await once(child.stdout!, 'data');
    await wait(20 + Math.random() * 200); // any moment will do; that is the point
    child.kill('SIGKILL');
    expect((await closed)[1]).toBe('SIGKILL');
    // Whatever was being written, every checkpoint that can be seen is whole.
    const names = await readdir(join(killed, 'checkpoints')).catch(() => []);
    for (const name of names.filter((n) => n.startsWith('step-'))) {
      const { params, optimizer, state } = await loadCheckpoint(
        join(killed, 'checkpoints', name),
        backend,
      );
      expect([`step-${state.step}`, Object.keys(params).length]).toEqual([name, 4]);
      expect(Object.keys(optimizer)).toHaveLength(8);
      disposeAll(params);
      disposeAll(optimizer);
    }
    steps.push(Number((await latestCheckpoint(killed))?.match(/\d+$/)?.[0] ?? 0));
  }
  expect(steps.at(-1), `steps reached: ${steps}`).toBeGreaterThan(0);

  expect(await once(start(killed, 0), 'close')).toEqual([0, null]);
  expect(await uninterrupted).toEqual([0, null]);
  expect(await latestCheckpoint(killed)).toBe(join(killed, 'checkpoints/step-400'));
  for (const file of [
    'metrics.jsonl',
    'config.json',
    'checkpoints/step-400/model.safetensors',
    'checkpoints/step-400/optimizer.safetensors',
  ])
    expect(
      (await readFile(join(killed, file))).equals(await readFile(join(whole, file))),
      file,
    ).toBe(true);
  expect(await readdir(join(killed, 'checkpoints'))).toEqual(
    await readdir(join(whole, 'checkpoints')),
  );
  await backend[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
