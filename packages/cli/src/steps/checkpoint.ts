import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, Params, Tokenizer } from '@heddle/core';
import { loadTokenizer } from '@heddle/tokenizer/node';
import { latestCheckpoint } from '@heddle/trainer';
import { loadModel, type Transformer } from '@heddle/transformer';
import { type RunFolder, requirePath } from './folder.js';

export interface Checkpoint {
  readonly folder: string;
  readonly model: Transformer;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
}

/** The folder named, or else that of the newest checkpoint of the run's pre-training. */
export async function checkpointFolder(run: RunFolder, named: string | undefined): Promise<string> {
  if (named !== undefined) return requirePath(named, 'heddle pretrain');
  const latest = existsSync(run.pretrain) ? await latestCheckpoint(run.pretrain) : undefined;
  return latest ?? requirePath(join(run.pretrain, 'checkpoints'), 'heddle pretrain');
}

/** A model folder with its tokenizer (the folder's own, else the run's). */
export async function openCheckpoint(
  run: RunFolder,
  named: string | undefined,
  backend: Backend,
): Promise<Checkpoint> {
  const folder = await checkpointFolder(run, named);
  const own = join(folder, 'tokenizer.json');
  const tokenizer = await loadTokenizer(
    existsSync(own) ? own : requirePath(run.tokenizer, 'heddle tokenizer train'),
  );
  const { model, params } = await loadModel(folder, backend);
  return { folder, model, params, tokenizer };
}
