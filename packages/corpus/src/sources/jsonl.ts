import type { DocumentSource } from '../pipeline.js';
import { type FilesOptions, fileSource } from './files.js';

/** Takes the options of `files`, for JSON Lines only. */
export type JsonlOptions = Omit<FilesOptions, 'include' | 'maxInvalidRatio'>;

/**
 * Documents from the lines of JSON Lines files (`.jsonl`, `.ndjson`, with or without `.gz`), named
 * or found in folders. As `files`, which see; other files in the folders are not looked at.
 */
export function jsonl(options: JsonlOptions): DocumentSource {
  return fileSource('jsonl', { ...options, include: ['**/*.{jsonl,ndjson}?(.gz)'] }, true);
}
