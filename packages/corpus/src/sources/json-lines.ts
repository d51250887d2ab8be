import type { Document, Json } from '@heddle/core';
import { BadBytesError, isGzip, readBytes } from './bytes.js';
import { utf16Encoding, wellFormed } from './decode-text.js';
import type { NamedFile, ResolvedFilesOptions } from './files.js';
import { splitLines } from './lines.js';

export interface JsonLinesReading {
  /** Lines up to this one are passed over. */
  readonly afterLine: number;
  /** Whether this reader is to take a line. */
  takes(line: number): boolean;
  onBadLine(id: string, reason: string, bytes: number, error?: Error): void;
  /** A line whose text is empty: not an error. */
  onBlank(id: string, bytes: number): void;
}

/** The documents of a JSON Lines file. Blank lines are nothing; bad ones are told to `onBadLine`. */
export async function* readJsonLines(
  file: NamedFile,
  options: ResolvedFilesOptions,
  reading: JsonLinesReading,
): AsyncGenerator<{ readonly line: number; readonly document: Document }> {
  const pieces = readBytes(file.path, isGzip(file.path), options.maxInflatedBytes);
  for await (const { number: line, bytes, length } of splitLines(pieces, options.maxBytes)) {
    if (line === 1 && bytes && utf16Encoding(bytes)) {
      throw new BadBytesError('unsupported-encoding', 'it is UTF-16; JSON Lines must be UTF-8');
    }
    if (line <= reading.afterLine || !reading.takes(line)) continue;
    const id = `${file.id}:${line}`;
    if (bytes === undefined) {
      reading.onBadLine(id, 'too-large', length);
      continue;
    }
    const source = new TextDecoder('utf-8').decode(bytes).trim();
    if (source === '') continue;
    const parsed = parseLine(source, options.textField);
    if ('reason' in parsed) {
      reading.onBadLine(id, parsed.reason, length, parsed.error);
      continue;
    }
    const { text, fields } = parsed;
    if (text.trim() === '') {
      reading.onBlank(id, length);
      continue;
    }
    const meta = { path: file.id, type: 'text', line, fields };
    yield { line, document: { id, text: wellFormed(text), meta } };
  }
}

type ParsedLine =
  | { readonly text: string; readonly fields: { readonly [key: string]: Json } }
  | { readonly reason: 'bad-json' | 'no-text-field'; readonly error: Error };

function parseLine(source: string, textField: string): ParsedLine {
  let value: Json;
  try {
    value = JSON.parse(source) as Json;
  } catch (error) {
    return { reason: 'bad-json', error: error as Error };
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { [textField]: text, ...fields } = value as { readonly [key: string]: Json };
    if (typeof text === 'string') return { text, fields };
  }
  const error = new Error(`the line is no JSON object with a string in "${textField}"`);
  return { reason: 'no-text-field', error };
}
