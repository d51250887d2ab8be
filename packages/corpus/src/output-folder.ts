import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HeddleError, withIo } from '@heddle/core';

/**
 * Lets `fill` write into a temporary folder beside `directory`, and renames it to `directory` once
 * all is on the disk: `directory` is whole or absent. On failure the temporary folder is removed
 * (a killed process leaves it: `.heddle-partial-*`, safe to delete).
 *
 * @throws HeddleError `corpus/exists` if `directory` holds something. With `overwrite` it is
 *   replaced at the very end, but still refused if it holds a file that this package does not
 *   write. `io` if it cannot be written.
 */
export async function writeFolder<T>(
  directory: string,
  overwrite: boolean,
  fill: (temporary: string) => Promise<T>,
): Promise<T> {
  const target = resolve(directory);
  const parent = dirname(target);
  await refuseFull(target, overwrite);
  await withIo('create', parent, () => mkdir(parent, { recursive: true }));
  const temporary = join(parent, `.heddle-partial-${basename(target)}-${randomUUID()}`);
  await withIo('write into', parent, () => mkdir(temporary)); // unlike mkdtemp, as readable as any folder
  try {
    const result = await fill(temporary);
    await syncFolder(temporary);
    await withIo('replace', target, () => moveInto(temporary, target));
    await syncFolder(parent);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** The names that `buildCorpus` and `writeTokenShards` write. */
const OURS =
  /^(?:report\.json|(?:train|validation)-\d{5}\.jsonl\.gz|tokens\.json|tokens-\d{5}\.(?:bin|idx))$/;

async function refuseFull(directory: string, overwrite: boolean): Promise<void> {
  const entries = await withIo('read', directory, async () => {
    try {
      return await readdir(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
  const inTheWay = overwrite ? entries.find((name) => !OURS.test(name)) : entries[0];
  if (inTheWay === undefined) return;
  const mend = overwrite
    ? 'which is no part of a corpus, so it is not replaced. Choose another folder.'
    : 'so it is not written to. Choose another folder, or replace an earlier corpus with overwrite: true.';
  throw new HeddleError('corpus/exists', `"${directory}" already holds "${inTheWay}", ${mend}`, {
    directory,
  });
}

async function moveInto(temporary: string, target: string): Promise<void> {
  const old = `${temporary}.old`;
  const hadOld = await rename(target, old).then(
    () => true,
    (error) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
  await rename(temporary, target);
  if (hadOld) await rm(old, { recursive: true, force: true });
}

/** Makes renames and new names in a folder last; systems that cannot sync folders are let be. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return;
  await handle.sync().catch(() => {});
  await handle.close();
}
