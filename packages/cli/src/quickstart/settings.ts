import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { HeddleError, withIo } from '@heddle/core';
import { mergeConfig } from '../config/merge.js';
import { resolveConfig } from '../config/resolve.js';
import type { HeddleConfig, ResolvedConfig } from '../config/schema.js';
import { runFolder } from '../steps/folder.js';

/** What the quickstart chooses where the reader's configuration and `--set` say nothing. */
export interface Preset {
  readonly paths: readonly string[];
  /** Whether the text is the reader's own. */
  readonly ownText: boolean;
  /** Whether the backend has native kernels: without them the model is smaller. */
  readonly native: boolean;
}

/** The configuration of a quickstart: the reader's, and under it the preset. */
export function quickstartConfig({ paths, ownText, native }: Preset, given: unknown): HeddleConfig {
  const every = native ? 250 : 50;
  const preset: HeddleConfig = {
    run: 'runs/quickstart',
    corpus: {
      paths: paths.map((path) => relative('.', path) || '.'),
      validation: 0.1,
      maxCharacters: 20_000,
      keepTogether: !ownText, // the reader's may be one long book, which needs a held-out part
    },
    model: {
      family: 'gpt2',
      layers: 4,
      heads: 4,
      hidden: native ? 192 : 64,
      context: native ? 128 : 64,
    },
    pretrain: {
      rows: 4,
      accumulate: 2,
      lr: 3e-3,
      minLr: 3e-4,
      warmup: 0.05,
      logEvery: 5,
      evaluateEvery: every,
      checkpointEvery: every,
    },
    finetune: { maxLength: native ? 96 : 48, lr: 2e-3, epochs: 5 },
  };
  const config = mergeConfig(preset, given) as HeddleConfig;
  return { ...config, run: unusedFolder(resolveConfig(config, 'the quickstart').run) };
}

/** Shares what is left of the time out among the stages that can be cut short. */
export function withBudget(
  config: HeddleConfig,
  secondsLeft: number,
  native: boolean,
): HeddleConfig {
  const share = (part: number): number => Math.max(2, Math.round(secondsLeft * part));
  return mergeConfig(
    native // the evaluation is not cut short, and takes longer without native kernels
      ? { pretrain: { seconds: share(0.6) }, finetune: { seconds: share(0.15) } }
      : { pretrain: { seconds: share(0.45) }, finetune: { seconds: share(0.12) } },
    config,
  ) as HeddleConfig;
}

/** Saves the configuration in the run's folder, so that the other commands go on with it. */
export async function saveConfig(config: HeddleConfig): Promise<ResolvedConfig> {
  const resolved = resolveConfig(config, 'the quickstart');
  const folder = runFolder(resolved.run);
  await withIo('create', folder.root, () => mkdir(folder.root, { recursive: true }));
  const { plugins: _, ...data } = config;
  await withIo('write', folder.config, () =>
    writeFile(folder.config, `${JSON.stringify(data, null, 2)}\n`),
  );
  return resolved;
}

/** The documentation that every checkout of the workspace (or project) has. */
export function documentation(): string[] {
  const folder = ['node_modules/.pnpm', 'node_modules'].find((path) => existsSync(path));
  if (folder !== undefined) return [folder];
  throw new HeddleError(
    'cli/missing-input',
    'There is no node_modules here to read. Name text of your own: --text PATH...',
    { path: 'node_modules', madeBy: 'npm install' },
  );
}

/** `base`, or `base-2`, `base-3` … where that is taken: a run is never written over. */
function unusedFolder(base: string): string {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(folder)) return folder;
  }
}
