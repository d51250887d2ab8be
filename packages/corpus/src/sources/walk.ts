import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { ioError, withIo } from '@heddle/core';

/** A regular file that was found. */
export interface FoundFile {
  /** Where to open it. */
  readonly path: string;
  /** Its path relative to the root, with `/` separators. Empty: the root is the file itself. */
  readonly relative: string;
  readonly bytes: number;
}

/** Something that was found but cannot be read. */
export interface Unreadable {
  readonly relative: string;
  readonly reason: 'unreadable' | 'too-deep';
  readonly error?: Error;
}

export interface WalkOptions {
  readonly maxDepth: number;
  readonly followLinks: boolean;
  /** Whether a folder (relative path) is entered. */
  enters(relative: string): boolean;
  /** Whether a file (relative path) is wanted. */
  wants(relative: string): boolean;
}

/**
 * The regular files at and below `root`, depth first, names in the order of their UTF-16 code
 * units, whatever the locale and the file system say. One folder's names are held at a time for
 * each level. Pipes, sockets and devices are passed over.
 *
 * Links: what lies below the root is found at its real place, so links are not followed; with
 * `followLinks`, those that lead out of the root are, each real file and folder once, which also
 * ends cycles.
 */
export async function* walk(
  root: string,
  options: WalkOptions,
): AsyncGenerator<FoundFile | Unreadable> {
  const realRoot = await withIo('read', root, () => realpath(root));
  const top = await withIo('read', root, () => stat(realRoot));
  if (top.isFile()) {
    yield { path: realRoot, relative: '', bytes: top.size };
    return;
  }
  /** Real paths outside of the root that links led to. */
  const linked = new Set<string>();
  yield* folder(realRoot, '', 0);

  async function* folder(
    path: string,
    relative: string,
    depth: number,
  ): AsyncGenerator<FoundFile | Unreadable> {
    if (depth > options.maxDepth) {
      yield { relative, reason: 'too-deep' };
      return;
    }
    let names: string[];
    try {
      names = (await readdir(path)).sort();
    } catch (error) {
      if (depth === 0) throw ioError('read', path, error);
      yield { relative, reason: 'unreadable', error: ioError('read', path, error) };
      return;
    }
    for (const name of names) {
      const below = relative === '' ? name : `${relative}/${name}`;
      yield* entry(join(path, name), below, depth);
    }
  }

  async function* entry(
    path: string,
    relative: string,
    depth: number,
  ): AsyncGenerator<FoundFile | Unreadable> {
    let found: { readonly at: string; readonly stats: Stats } | undefined;
    try {
      found = await resolve(path);
    } catch (error) {
      if (options.wants(relative)) {
        yield { relative, reason: 'unreadable', error: ioError('read', path, error) };
      }
      return;
    }
    if (found === undefined) return;
    if (found.stats.isDirectory()) {
      if (options.enters(relative)) yield* folder(found.at, relative, depth + 1);
    } else if (found.stats.isFile() && options.wants(relative)) {
      yield { path: found.at, relative, bytes: found.stats.size };
    }
  }

  /** What `path` really is; undefined for a link that is not followed and for what came before. */
  async function resolve(path: string): Promise<{ at: string; stats: Stats } | undefined> {
    const stats = await lstat(path);
    if (!stats.isSymbolicLink()) return linked.has(path) ? undefined : { at: path, stats };
    if (!options.followLinks) return undefined;
    const at = await realpath(path);
    if (isWithin(at, realRoot)) return undefined;
    for (const known of linked) if (isWithin(at, known)) return undefined;
    linked.add(at);
    return { at, stats: await stat(at) };
  }
}

/** Whether `path` is `folder` or lies below it. Both real and absolute. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
