import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type Cursor,
  type Document,
  HeddleError,
  type Item,
  type ReadOptions,
  withIo,
} from '@heddle/core';
import picomatch from 'picomatch';
import { refuse, requireInteger, requireNumber } from '../argument.js';
import type { DocumentSource, OnDrop } from '../pipeline.js';
import { isCount, isObject } from '../read-json.js';
import { BadBytesError, isGzip, readBytes } from './bytes.js';
import { decodeText } from './decode-text.js';
import { typeOfName, typeOfText } from './document-type.js';
import { readJsonLines } from './json-lines.js';
import { isWithin, walk } from './walk.js';

/** What `files` takes from a folder unless `include` says otherwise: documentation and JSON Lines. */
export const DOCUMENT_PATTERNS: readonly string[] = [
  '**/*.{md,markdown,mdx,txt,text,rst,adoc,html,htm,xhtml,jsonl,ndjson}?(.gz)',
  '**/{readme,license,licence,copying,notice,changelog,changes,history,authors,contributors,contributing,news,todo,faq}?(-*)?(.gz)',
];

/** Never entered: version control, and corpora that are being written. */
const NEVER = ['**/.git', '**/.heddle-partial-*'];

export interface FilesOptions {
  /** Files and folders. A file that is named is read whatever its name. */
  readonly paths: readonly string[];
  /** Globs (picomatch, case ignored, hidden names match) on paths below each folder. Default: `DOCUMENT_PATTERNS`. */
  readonly include?: readonly string[];
  /** Globs of files and folders to leave out. Default: none (`.git` never is read). */
  readonly exclude?: readonly string[];
  /** The largest document (file, or line of a JSONL file) in bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /** The most that one `.gz` file may inflate to, in bytes. Default 16 GiB (documents: `maxBytes`). */
  readonly maxInflatedBytes?: number;
  /** How much of a text may be malformed UTF-8 (it becomes U+FFFD) before the file counts as no text. Default 0.01. */
  readonly maxInvalidRatio?: number;
  /** How many folders deep to look. Default 64. */
  readonly maxDepth?: number;
  /** Follow links that lead out of a folder. Default false. */
  readonly followLinks?: boolean;
  /** The field of a JSONL line that holds its text. Default `text`. */
  readonly textField?: string;
  /** A file or line that cannot be read: pass over it and report why, or throw `bad-file`. Default `skip`. */
  readonly onBadFile?: 'skip' | 'error';
}

export interface ResolvedFilesOptions extends Required<FilesOptions> {
  /** Read every file as JSON Lines, whatever its name. */
  readonly jsonl: boolean;
}

interface FilesCursor {
  /** Number of the file in walking order. */
  readonly file: number;
  readonly path: string;
  /** Line of a JSONL file; 0 for a file that is one document. */
  readonly line: number;
}

/**
 * Documents from files and folders: one a file, or one a line of a `.jsonl` file; `.gz` is
 * inflated on the way. Ids are paths relative to the folder with `/` separators (with more than
 * one path: below the path as given; JSONL: `path:line`). The order is by name, the same on every
 * machine. Overlapping paths are read once.
 *
 * `meta`: `path`, `type` (`text`, `markdown`, `html`), for JSONL `line` and `fields` (the line's
 * other fields), and `replaced` where malformed UTF-8 became U+FFFD.
 *
 * Ranks share files and lines evenly. Cursors name the file and line.
 *
 * @throws HeddleError `io` if a path does not exist, `bad-file` with `onBadFile: 'error'`,
 *   `corpus/bad-cursor` if the files changed since the cursor was made.
 */
export function files(options: FilesOptions): DocumentSource {
  return fileSource('files', options, false);
}

/** `files`, or with `jsonl` a source that reads every file as JSON Lines. */
export function fileSource(name: string, options: FilesOptions, jsonl: boolean): DocumentSource {
  const resolved: ResolvedFilesOptions = {
    jsonl,
    paths: options.paths,
    include: options.include ?? DOCUMENT_PATTERNS,
    exclude: options.exclude ?? [],
    maxBytes: options.maxBytes ?? 16 * 1024 ** 2,
    maxInflatedBytes: options.maxInflatedBytes ?? 16 * 1024 ** 3,
    maxInvalidRatio: options.maxInvalidRatio ?? 0.01,
    maxDepth: options.maxDepth ?? 64,
    followLinks: options.followLinks ?? false,
    textField: options.textField ?? 'text',
    onBadFile: options.onBadFile ?? 'skip',
  };
  if (resolved.paths.length === 0) refuse('paths', [], 'name at least one file or folder');
  // Twice the bytes as UTF-16 must still fit into a string.
  requireInteger('maxBytes', resolved.maxBytes, 1, 256 * 1024 ** 2);
  requireInteger('maxInflatedBytes', resolved.maxInflatedBytes, 1);
  requireNumber('maxInvalidRatio', resolved.maxInvalidRatio, 0, 1);
  requireInteger('maxDepth', resolved.maxDepth, 0, 1000);
  return {
    name: `${name}(${resolved.paths.join(', ')})`,
    read: (at, onDrop) => readFiles(resolved, at, onDrop),
  };
}

async function* readFiles(
  options: ResolvedFilesOptions,
  at: ReadOptions,
  onDrop: OnDrop | undefined,
): AsyncGenerator<Item<Document>> {
  requireInteger('worldSize', at.worldSize, 1);
  requireInteger('rank', at.rank, 0, at.worldSize - 1);
  const after = at.after === undefined ? undefined : filesCursor(at.after);
  let number = -1;
  for await (const found of findFiles(options)) {
    number++;
    const mine = number % at.worldSize === at.rank;
    const report = mine ? onDrop : undefined;
    if (after && number < after.file) continue;
    if (after && number === after.file && found.id !== after.path) {
      throw badCursor(after, `file number ${number} now is "${found.id}"; the files have changed`);
    }
    if (after && number === after.file && after.line === 0) continue;
    if ('reason' in found) {
      bad(options, report, found.id, found.reason, 0, found.error);
    } else if (options.jsonl || typeOfName(found.id) === 'jsonl') {
      const afterLine = after?.file === number ? after.line : 0;
      const takes = (line: number): boolean => (number + line) % at.worldSize === at.rank;
      try {
        for await (const { line, document } of readJsonLines(found, options, {
          afterLine,
          takes,
          onBadLine: (id, reason, bytes, error) => bad(options, onDrop, id, reason, bytes, error),
          onBlank: (id, bytes) => onDrop?.({ id, reason: 'blank', bytes }),
        })) {
          yield { value: document, cursor: { file: number, path: found.id, line } };
        }
      } catch (error) {
        if (!(error instanceof BadBytesError)) throw error;
        bad(options, report, found.id, error.reason, found.bytes, error);
      }
    } else if (mine) {
      const document = await readDocument(found, options, onDrop);
      if (document) yield { value: document, cursor: { file: number, path: found.id, line: 0 } };
    }
  }
  if (after && number < after.file) {
    throw badCursor(after, `there now are only ${number + 1} files; the files have changed`);
  }
}

/** A file to read, under the id of its documents. */
export interface NamedFile {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
}

interface UnreadableFile {
  readonly id: string;
  readonly reason: 'unreadable' | 'too-deep';
  readonly error?: Error;
}

async function* findFiles(
  options: ResolvedFilesOptions,
): AsyncGenerator<NamedFile | UnreadableFile> {
  const glob = { dot: true, nocase: true };
  const included = picomatch([...options.include], glob);
  const excluded = picomatch([...options.exclude, ...NEVER], glob);
  const roots: string[] = [];
  for (const path of options.paths) {
    const real = await withIo('read', path, () => realpath(path));
    const skip = (file: string): boolean => roots.some((root) => isWithin(file, root));
    if (skip(real)) continue;
    const prefix = options.paths.length === 1 ? '' : path.replaceAll('\\', '/').replace(/\/+$/, '');
    for await (const found of walk(path, {
      maxDepth: options.maxDepth,
      followLinks: options.followLinks,
      enters: (relative) => !excluded(relative),
      wants: (relative) => included(relative) && !excluded(relative),
    })) {
      const below = [prefix, found.relative].filter((part) => part !== '').join('/');
      const id = below === '' ? basename(real) : below;
      if ('reason' in found) yield { ...found, id };
      else if (!skip(found.path)) yield { id, path: found.path, bytes: found.bytes };
    }
    roots.push(real);
  }
}

async function readDocument(
  file: NamedFile,
  options: ResolvedFilesOptions,
  onDrop: OnDrop | undefined,
): Promise<Document | undefined> {
  const { maxBytes } = options;
  if (file.bytes > maxBytes) {
    return bad(options, onDrop, file.id, 'too-large', file.bytes);
  }
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of readBytes(file.path, isGzip(file.path), options.maxInflatedBytes)) {
      length += piece.length;
      if (length > maxBytes) return bad(options, onDrop, file.id, 'too-large', file.bytes);
      pieces.push(piece);
    }
  } catch (error) {
    if (!(error instanceof BadBytesError)) throw error;
    return bad(options, onDrop, file.id, error.reason, file.bytes, error);
  }
  const decoded = decodeText(Buffer.concat(pieces), options.maxInvalidRatio);
  if (typeof decoded === 'string') return bad(options, onDrop, file.id, decoded, length);
  if (decoded.text.trim() === '') {
    onDrop?.({ id: file.id, reason: 'blank', bytes: length });
    return undefined;
  }
  const named = typeOfName(file.id);
  const type = named === undefined || named === 'jsonl' ? typeOfText(decoded.text) : named;
  const meta = { path: file.id, type };
  const { text, replaced } = decoded;
  return { id: file.id, text, meta: replaced > 0 ? { ...meta, replaced } : meta };
}

const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  ['too-large', 'it is larger than "maxBytes"; raise that or split it'],
  ['binary', 'it holds NUL bytes, so it is no text'],
  ['invalid-utf8', 'it is not UTF-8; convert it, or raise "maxInvalidRatio"'],
  ['too-deep', 'it lies deeper than "maxDepth" folders'],
]);

/** Reports what cannot be read, or throws `bad-file`, as `onBadFile` says. */
function bad(
  options: ResolvedFilesOptions,
  onDrop: OnDrop | undefined,
  id: string,
  reason: string,
  bytes: number,
  cause?: Error,
): undefined {
  if (options.onBadFile === 'error') {
    const why = cause?.message ?? EXPLANATIONS.get(reason) ?? reason;
    throw new HeddleError(
      'bad-file',
      `"${id}" cannot be read (${reason}): ${why}. Mend or remove it, or pass over such files with onBadFile: 'skip'.`,
      { path: id, reason },
      { cause },
    );
  }
  onDrop?.({ id, reason, bytes });
  return undefined;
}

function filesCursor(cursor: Cursor): FilesCursor {
  if (isObject(cursor)) {
    const { file, path, line } = cursor;
    if (isCount(file) && typeof path === 'string' && isCount(line)) return { file, path, line };
  }
  throw badCursor(cursor, 'it is not one that "files" made');
}

function badCursor(cursor: Cursor | FilesCursor, reason: string): HeddleError {
  return new HeddleError(
    'corpus/bad-cursor',
    `Cannot go on reading files after ${JSON.stringify(cursor)}: ${reason}. Start over without "after".`,
    { source: 'files', cursor: cursor as Cursor, reason },
  );
}
