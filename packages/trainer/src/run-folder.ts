import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HeddleError, withIo } from '@heddle/core';
import { checkVersion, LAYOUT_VERSION, readJson, sweepCheckpoints } from './checkpoint.js';
import { writeJson } from './io.js';
import type { Settings } from './options.js';
import { identity } from './resume.js';

/** Makes the run's folder, or checks that it is of our version, and writes the resolved `config.json`. */
export async function prepareFolder(directory: string, settings: Settings<unknown>): Promise<void> {
  const path = join(directory, 'config.json');
  await withIo('write', directory, () =>
    mkdir(join(directory, 'checkpoints'), { recursive: true }),
  );
  const before = await readJson(path).catch((error: unknown) => {
    if (HeddleError.is(error, 'io')) return undefined; // a new run
    throw error;
  });
  if (before !== undefined) checkVersion(path, before.version);
  await sweepCheckpoints(directory);
  const { steps, seconds, clip, logEvery, evaluateEvery, keep, best, model, config } = settings;
  const { checkpointEvery = evaluateEvery } = settings;
  await withIo('write', path, () =>
    writeJson(path, {
      version: LAYOUT_VERSION,
      ...identity(settings),
      ...{ steps, seconds, clip, logEvery, evaluateEvery, checkpointEvery, keep, best },
      model: model?.config,
      config,
    }),
  );
}
