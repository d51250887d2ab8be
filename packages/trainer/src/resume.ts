import { HeddleError, type Json, type Params, sameShape } from '@heddle/core';
import { assign } from '@heddle/tensor';
import { loadSafetensors, readSafetensorsHeader } from '@heddle/tensor/safetensors';
import type { Settings } from './options.js';

/** What two sessions of one run must share, or the second would not be its continuation. */
export function identity({
  seed,
  accumulate,
  precision,
  objective,
  optimizer,
  data,
  collective,
}: Settings<unknown>): {
  readonly [what: string]: Json;
} {
  return {
    seed,
    accumulate,
    precision,
    objective: objective.name,
    optimizer: optimizer.name,
    data: data.name,
    rank: collective.rank,
    worldSize: collective.worldSize,
  };
}

/** Throws unless the checkpoint at `path` belongs to a run with these settings. */
export function checkIdentity(
  path: string,
  saved: Readonly<Record<string, Json>>,
  settings: Settings<unknown>,
): void {
  for (const [what, given] of Object.entries(identity(settings)))
    if (saved[what] !== given) throw mismatch(path, what, saved[what] ?? null, given);
}

function mismatch(path: string, what: string, saved: Json, given: Json): HeddleError {
  return new HeddleError(
    'trainer/resume-mismatch',
    `${path} was saved with ${what} = ${JSON.stringify(saved)}, this run has ${JSON.stringify(given)}. ` +
      'Resume with what the run began with, or begin a new run in another directory.',
    { path, what, saved, given },
  );
}

/** Replaces the content of every tensor of `target` by that of the file, which must have just these. */
export async function restoreTensors(path: string, target: Params): Promise<void> {
  const { tensors } = await readSafetensorsHeader(path);
  const surplus = [...tensors.keys()].find((name) => !Object.hasOwn(target, name));
  if (surplus !== undefined) throw mismatch(path, `tensor ${surplus}`, 'present', 'absent');
  for (const [name, tensor] of Object.entries(target)) {
    const shape = tensors.get(name)?.shape;
    if (shape === undefined || !sameShape(shape, tensor.shape))
      throw mismatch(path, `shape of ${name}`, shape ?? 'no such tensor', tensor.shape);
    const { [name]: saved } = await loadSafetensors(path, tensor.backend, { names: [name] });
    assign(tensor, saved);
    saved.dispose();
  }
}
