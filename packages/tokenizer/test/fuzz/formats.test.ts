import { HeddleError, type Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { bertJson } from '../../src/formats/bert-vocab.js';
import { CL100K_PATTERN } from '../../src/formats/byte-level-content.js';
import { ggufJson } from '../../src/formats/gguf.js';
import { gpt2Json } from '../../src/formats/gpt2-files.js';
import { sentencePieceJson } from '../../src/formats/sentencepiece.js';
import { tiktokenJson } from '../../src/formats/tiktoken.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { writeGguf } from '../gguf-writer.js';
import { type FormatsGolden, golden } from '../golden.js';
import { type ByteChange, brokenBytes, byteChanges } from './bytes.js';
import { fuzz } from './fuzz.js';

const { tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');

type Metadata = string | number | boolean | readonly (string | number)[];
const gguf = (model: string, more: readonly (readonly [string, Metadata])[]): Uint8Array =>
  writeGguf(
    new Map<string, Metadata>([
      ['general.name', 'small'],
      ['general.numbers', [1, 2, 3]],
      ['tokenizer.ggml.model', model],
      ...more.map(([name, value]) => [`tokenizer.ggml.${name}`, value] as const),
      ['tokenizer.ggml.add_space_prefix', true],
      ['tokenizer.ggml.bos_token_id', 0],
    ]),
  );
const PIECES: readonly (readonly [string, Metadata])[] = [
  ['tokens', ['<unk>', '▁', 'a', 'b', 'ab', '▁ab']],
  ['scores', [0, -3.5, -4.5, -5.5, -1.5, -2.5]],
  ['token_type', [2, 1, 1, 1, 1, 1]],
];
const GGUF = [
  gguf('llama', PIECES),
  gguf('t5', PIECES),
  gguf('bert', [
    ['tokens', ['[UNK]', '[CLS]', '[SEP]', '▁a', 'b']],
    ['token_type', [2, 3, 3, 1, 1]],
  ]),
  gguf('gpt2', [
    ['pre', 'gpt-2'],
    ['tokens', ['<s>', 'a', 'b', 'ab']],
    ['token_type', [3, 1, 1, 1]],
    ['merges', ['a b']],
  ]),
];
const MODELS = sentencepiece.map(({ file }) => Uint8Array.from(Buffer.from(file, 'base64')));
const LINES = new TextEncoder().encode(tiktoken.file);
const VOCAB = new TextEncoder().encode(
  ['[UNK]', '[CLS]', '[SEP]', 'a', '##b', 'the', '中', ''].join('\n'),
);
const MERGES = new TextEncoder().encode('#version: 0.2\na b\nab c\n');
const VOCAB_JSON = new TextEncoder().encode('{"a":0,"b":1,"ab":2,"c":3,"abc":4,"<|endoftext|>":5}');

/** A file is refused, or becomes a tokenizer that encodes; another error is a failure. */
function readOrRefuse(read: () => Json, text: string): void {
  try {
    tokenizerFromJson(read()).encode(text);
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    expect(error.code).toMatch(/^(bad-file|tokenizer\/bad-json|tokenizer\/unsupported)$/);
  }
}

describe('any file is read or refused, in bounded time', () => {
  const utf8 = new TextDecoder();
  const textOf = (file: Uint8Array, changes: readonly ByteChange[]): string =>
    utf8.decode(brokenBytes(file, changes));

  fuzz('GGUF', 2000, fc.tuple(fc.nat(GGUF.length - 1), byteChanges), ([i, changes]) =>
    readOrRefuse(() => ggufJson(brokenBytes(GGUF[i], changes)), 'ab'),
  );
  fuzz('SentencePiece', 1000, fc.tuple(fc.nat(MODELS.length - 1), byteChanges), ([i, changes]) =>
    readOrRefuse(() => sentencePieceJson(brokenBytes(MODELS[i], changes)), 'a b'),
  );
  fuzz('SentencePiece of any bytes', 2000, fc.uint8Array({ maxLength: 200 }), (bytes) =>
    readOrRefuse(() => sentencePieceJson(bytes), 'a b'),
  );
  fuzz('tiktoken', 200, byteChanges, (changes) =>
    readOrRefuse(() => tiktokenJson(textOf(LINES, changes), { pattern: CL100K_PATTERN }), 'a b'),
  );
  fuzz('vocab.txt', 1000, byteChanges, (changes) =>
    readOrRefuse(() => bertJson(textOf(VOCAB, changes)), 'a bab'),
  );
  fuzz('vocab.json and merges.txt', 1000, fc.tuple(byteChanges, byteChanges), ([vocab, merges]) =>
    readOrRefuse(() => gpt2Json(textOf(VOCAB_JSON, vocab), textOf(MERGES, merges)), 'abcab'),
  );
});
