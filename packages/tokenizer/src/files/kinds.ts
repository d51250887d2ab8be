import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HeddleError, type Json, type Tokenizer } from '@heddle/core';
import type { TextTokenizer } from '../tokenizer.js';
import { tokenizerFromJson } from '../tokenizer-json.js';
import { bertOptions, configured, gpt2Options, sentencePieceOptions } from './config.js';
import { ggufContent } from './gguf-head.js';
import { readBytes, readJson, readText } from './reading.js';

/** A kind of file that holds a tokenizer, told by the end of its path. */
export interface FileKind {
  readonly ends: RegExp;
  read(path: string): Promise<TextTokenizer>;
  /** The whole file. */
  write(tokenizer: Tokenizer, path: string): Promise<string | Uint8Array>;
}

const KINDS: readonly FileKind[] = [
  {
    ends: /\.gguf$/,
    read: async (path) => tokenizerFromJson(await ggufContent(path)),
    write: (_, path) => refuse(path, 'GGUF files are only read'),
  },
  {
    ends: /\.model$/,
    async read(path) {
      const { sentencePieceJson } = await import('../formats/sentencepiece.js');
      const bytes = await readBytes(path);
      return configured(path, (config) => sentencePieceJson(bytes, sentencePieceOptions(config)));
    },
    async write(tokenizer) {
      return (await import('../formats/sentencepiece-writer.js')).toSentencePiece(tokenizer);
    },
  },
  {
    ends: /\.tiktoken$/,
    read: async (path) => tokenizerFromJson(await tiktokenContent(path)),
    async write(tokenizer) {
      return (await import('../formats/tiktoken-writer.js')).toTiktoken(tokenizer);
    },
  },
  {
    ends: /vocab\.txt$/,
    async read(path) {
      const { bertJson } = await import('../formats/bert-vocab.js');
      const text = await readText(path);
      return configured(path, (config) => bertJson(text, bertOptions(config)));
    },
    async write(tokenizer) {
      return (await import('../formats/bert-writer.js')).toBertVocab(tokenizer);
    },
  },
  {
    ends: /(^|[\\/])(vocab\.json|merges\.txt)$/,
    async read(path) {
      const { gpt2Json } = await import('../formats/gpt2-files.js');
      const vocab = await readText(join(dirname(path), 'vocab.json'));
      const merges = await readText(join(dirname(path), 'merges.txt'));
      return configured(path, (config) => gpt2Json(vocab, merges, gpt2Options(config)));
    },
    write: (_, path) => refuse(path, 'it is one of two files, which toGpt2Files gives'),
  },
];

const TOKENIZER_JSON: FileKind = {
  ends: /$/,
  read: async (path) => tokenizerFromJson(await readJson(path)),
  write: async (tokenizer) => `${JSON.stringify(tokenizer.toJSON(), null, 2)}\n`,
};

/** What is not told by its end is a `tokenizer.json`. */
export function kindOf(path: string): FileKind {
  return KINDS.find(({ ends }) => ends.test(path)) ?? TOKENIZER_JSON;
}

/** Files of a model's folder that hold its tokenizer, the best first. */
const FILES = [
  'tokenizer.json',
  'merges.txt',
  'vocab.txt',
  'tokenizer.model',
  'spiece.model',
  'sentencepiece.bpe.model',
];

/** The file itself, or in a folder the first that holds a tokenizer. */
export function fileAt(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const found = FILES.map((name) => join(path, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  const reason = `the folder has none of ${FILES.join(', ')}`;
  throw new HeddleError('bad-file', `${path}: ${reason}.`, { path, reason });
}

async function tiktokenContent(path: string): Promise<Json> {
  const { tiktokenJson } = await import('../formats/tiktoken.js');
  const encodings = await import('../formats/tiktoken-encodings.js');
  const known = new Map([
    ['cl100k_base', encodings.cl100kBase],
    ['o200k_base', encodings.o200kBase],
    ['p50k_base', encodings.p50kBase],
    ['r50k_base', encodings.r50kBase],
    ['gpt2', encodings.gpt2],
  ]);
  const encoding = known.get(basename(path, '.tiktoken'));
  if (encoding) return tiktokenJson(await readText(path), encoding);
  const names = [...known.keys()].join(', ');
  return refuse(
    path,
    `a .tiktoken file has no pattern, and this is none of ${names}; read it with tiktokenJson and a pattern`,
  );
}

function refuse(path: string, reason: string): never {
  throw new HeddleError('invalid-argument', `${path}: ${reason}.`, {
    argument: 'path',
    given: path,
  });
}
