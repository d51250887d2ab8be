import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HeddleError } from '@heddle/core';

/** Where the parts of a run are, all under its one folder. */
export interface RunFolder {
  readonly root: string;
  readonly corpus: string;
  readonly tokens: string;
  readonly tokenizer: string;
  readonly pretrain: string;
  readonly finetune: string;
  readonly config: string;
}

export function runFolder(root: string): RunFolder {
  return {
    root,
    corpus: join(root, 'corpus'),
    tokens: join(root, 'tokens'),
    tokenizer: join(root, 'tokenizer.json'),
    pretrain: join(root, 'pretrain'),
    finetune: join(root, 'finetune'),
    config: join(root, 'heddle.config.json'),
  };
}

/** Throws unless `path` is there; `madeBy` is the command that makes it. */
export function requirePath(path: string, madeBy: string): string {
  if (existsSync(path)) return path;
  throw new HeddleError('cli/missing-input', `There is no ${path} yet. Make it with: ${madeBy}`, {
    path,
    madeBy,
  });
}
