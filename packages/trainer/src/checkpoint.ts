import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Backend,
  type Cursor,
  HeddleError,
  type Json,
  type Params,
  withIo,
} from '@heddle/core';
import { loadSafetensors, saveSafetensors } from '@heddle/tensor/safetensors';
import { syncFolder, writeJson } from './io.js';

/** The version of the layout of runs and checkpoints. */
export const LAYOUT_VERSION = 1;

/** What `state.json` holds: all that a run needs to go on besides tensors. */
export interface CheckpointState {
  readonly version: number;
  readonly step: number;
  /** Place in the data; absent before the first batch. */
  readonly cursor?: Cursor;
  /** Seconds trained so far, in all sessions. */
  readonly seconds: number;
  /** What a run that goes on must share: seed, optimizer … */
  readonly run: Readonly<Record<string, Json>>;
  /** The metrics of an evaluation at this very step. */
  readonly evaluation?: Readonly<Record<string, number>>;
  /** States of callbacks by their names. */
  readonly callbacks: Readonly<Record<string, Cursor>>;
}

export interface CheckpointContent {
  /** The model's `config.json`. */
  readonly config: Readonly<Record<string, Json>>;
  readonly params: Params;
  /** The optimizer's state. */
  readonly optimizer: Params;
  readonly state: CheckpointState;
}

const FOLDER = /^step-(\d{1,15})$/;

/**
 * Writes `checkpoints/step-N` under the run's folder: `config.json`, `model.safetensors` and
 * `tokenizer.json` as Hugging Face has them, more `files`, `optimizer.safetensors`, `state.json`. It is made under
 * another name, synced and renamed, so it exists whole or not at all. Returns its path.
 */
export async function saveCheckpoint(
  directory: string,
  content: CheckpointContent & {
    readonly tokenizer?: Json;
    readonly files?: Readonly<Record<string, Json>>;
  },
): Promise<string> {
  const all = join(directory, 'checkpoints');
  const path = join(all, `step-${content.state.step}`);
  const temporary = join(all, `.tmp-${randomUUID()}`);
  return withIo('write', path, async () => {
    try {
      await mkdir(temporary, { recursive: true });
      await writeJson(join(temporary, 'config.json'), content.config);
      await saveSafetensors(join(temporary, 'model.safetensors'), content.params, {
        metadata: { format: 'pt' },
      });
      if (content.tokenizer !== undefined)
        await writeJson(join(temporary, 'tokenizer.json'), content.tokenizer);
      for (const [name, json] of Object.entries(content.files ?? {}))
        await writeJson(join(temporary, name), json);
      await saveSafetensors(join(temporary, 'optimizer.safetensors'), content.optimizer);
      await writeJson(join(temporary, 'state.json'), content.state);
      await syncFolder(temporary);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(all);
    return path;
  });
}

/** The newest checkpoint of a run's folder; undefined if there is none. */
export async function latestCheckpoint(directory: string): Promise<string | undefined> {
  return (await listCheckpoints(directory)).at(-1)?.path;
}

/**
 * Reads a checkpoint. The tensors are the caller's to dispose.
 *
 * @throws `bad-file` if a file is not what it should be, `trainer/version` if it was written by a
 * version of Heddle with another layout, `io` if it cannot be read.
 */
export async function loadCheckpoint(path: string, backend: Backend): Promise<CheckpointContent> {
  const state = await readState(path);
  const config = await readJson(join(path, 'config.json'));
  const params = await loadSafetensors(join(path, 'model.safetensors'), backend);
  try {
    const optimizer = await loadSafetensors(join(path, 'optimizer.safetensors'), backend);
    return { config, params, optimizer, state };
  } catch (error) {
    for (const t of Object.values(params)) t.dispose();
    throw error;
  }
}

/** Reads and checks `state.json` of a checkpoint. */
export async function readState(path: string): Promise<CheckpointState> {
  const file = join(path, 'state.json');
  const json = await readJson(file);
  checkVersion(file, json.version);
  const { step, seconds, run, evaluation, callbacks } = json;
  const fits =
    Number.isSafeInteger(step) &&
    (step as number) >= 0 &&
    typeof seconds === 'number' &&
    isRecord(run) &&
    isRecord(callbacks) &&
    (evaluation === undefined || isRecord(evaluation));
  if (!fits) {
    const reason = 'step, seconds, run, evaluation or callbacks is missing or of another type';
    throw new HeddleError('bad-file', `${file} is not the state of a run: ${reason}.`, {
      path: file,
      reason,
    });
  }
  return json as unknown as CheckpointState;
}

/** Throws `trainer/version` unless the file was written with this layout. */
export function checkVersion(path: string, given: Json | undefined): void {
  if (given === LAYOUT_VERSION) return;
  throw new HeddleError(
    'trainer/version',
    `${path} has layout version ${JSON.stringify(given)}; this @heddle/trainer reads version ${LAYOUT_VERSION}. ` +
      'Use the version of Heddle that wrote it, or begin a new run.',
    { path, given: given ?? null, supported: [LAYOUT_VERSION] },
  );
}

/** Deletes all checkpoints but the newest `keep` and the best one, and what a crash left unfinished. */
export async function pruneCheckpoints(
  directory: string,
  keep: number,
  best: { readonly metric: string; readonly mode: 'min' | 'max' },
): Promise<void> {
  const all = join(directory, 'checkpoints');
  await withIo('prune', all, async () => {
    const found = await listCheckpoints(directory);
    const old = found.slice(0, -keep);
    if (old.length > 0) {
      const top = await bestCheckpoint(found, best);
      for (const { path } of old) {
        if (path === top) continue;
        const doomed = join(all, `.tmp-${randomUUID()}`);
        await rename(path, doomed); // so that nobody sees half of it
        await rm(doomed, { recursive: true, force: true });
      }
    }
  });
}

/** Deletes what a crash left unfinished. */
export async function sweepCheckpoints(directory: string): Promise<void> {
  const all = join(directory, 'checkpoints');
  await withIo('clean', all, async () => {
    for (const name of await namesIn(all))
      if (name.startsWith('.tmp-')) await rm(join(all, name), { recursive: true, force: true });
  });
}

async function bestCheckpoint(
  found: readonly { readonly path: string }[],
  best: { readonly metric: string; readonly mode: 'min' | 'max' },
): Promise<string | undefined> {
  let top: { path: string; value: number } | undefined;
  for (const { path } of found) {
    const value = (await readState(path)).evaluation?.[best.metric];
    if (typeof value !== 'number') continue;
    const better =
      best.mode === 'min' ? value < (top?.value ?? Infinity) : value > (top?.value ?? -Infinity);
    if (better) top = { path, value };
  }
  return top?.path;
}

/** Whole checkpoints, oldest first. */
async function listCheckpoints(directory: string): Promise<{ path: string; step: number }[]> {
  const all = join(directory, 'checkpoints');
  return withIo('read', all, async () => {
    const found: { path: string; step: number }[] = [];
    for (const name of await namesIn(all)) {
      const step = FOLDER.exec(name)?.[1];
      if (step !== undefined) found.push({ path: join(all, name), step: Number(step) });
    }
    return found.sort((a, b) => a.step - b.step);
  });
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** A JSON file that holds an object. */
export async function readJson(path: string): Promise<Readonly<Record<string, Json>>> {
  const bad = (reason: string): HeddleError<'bad-file'> =>
    new HeddleError('bad-file', `Cannot use ${path}: ${reason}.`, { path, reason });
  const text = await withIo('read', path, async () => {
    const { size } = await stat(path);
    if (size > MAX_JSON_BYTES) throw bad(`it has ${size} bytes, more than ${MAX_JSON_BYTES}`);
    return readFile(path, 'utf8');
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad(`it is not JSON (${(cause as Error).message})`);
  }
  if (!isRecord(json)) throw bad('it is not a JSON object');
  return json as Readonly<Record<string, Json>>;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
