import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Json } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { bertJson } from '../src/formats/bert-vocab.js';
import { QWEN2_PATTERN } from '../src/formats/byte-level-content.js';
import { ggufJson } from '../src/formats/gguf.js';
import { gpt2Json } from '../src/formats/gpt2-files.js';
import { sentencePieceJson } from '../src/formats/sentencepiece.js';
import { tiktokenJson } from '../src/formats/tiktoken.js';
import { cl100kBase, o200kBase } from '../src/formats/tiktoken-encodings.js';
import { whisperEncoding } from '../src/formats/whisper-encoding.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';

const data = new URL('../../../../shared/data/tokenizers/', import.meta.url);
const present = existsSync(data);
if (!present) console.log(`Real vocabulary files: skipped, there is no ${data.pathname}`);

function bytes(path: string): Uint8Array {
  const file = readFileSync(new URL(path, data));
  return path.endsWith('.gz') ? gunzipSync(file) : file;
}

function text(path: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes(path));
}

function lines<T>(path: string): T[] {
  return text(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const FILES: readonly [name: string, content: () => Json][] = [
  ['cl100k_base', () => tiktokenJson(text('tiktoken/cl100k_base.tiktoken.gz'), cl100kBase)],
  ['o200k_base', () => tiktokenJson(text('tiktoken/o200k_base.tiktoken.gz'), o200kBase)],
  [
    'whisper_multilingual',
    () => tiktokenJson(text('tiktoken/whisper_multilingual.tiktoken'), whisperEncoding()),
  ],
  ['gpt2', () => gpt2Json(text('gpt2/encoder.json.gz'), text('gpt2/vocab.bpe'))],
  [
    'qwen2',
    () =>
      gpt2Json(text('qwen2/vocab.json.gz'), text('qwen2/merges.txt.gz'), {
        pattern: QWEN2_PATTERN,
        nfc: true,
        specialTokens: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'],
      }),
  ],
  ['bert-base-uncased', () => bertJson(text('bert/bert-base-uncased-vocab.txt'))],
  ['bert-base-cased', () => bertJson(text('bert/bert-base-cased-vocab.txt'), { lowercase: false })],
  [
    'bert-base-chinese',
    () => bertJson(text('bert/bert-base-chinese-vocab.txt'), { lowercase: false }),
  ],
  ['mistral-7b-v1', () => sentencePieceJson(bytes('sentencepiece/mistral-7b-v1.model'))],
  ['t5', () => sentencePieceJson(bytes('sentencepiece/t5-spiece.model'))],
  ['sentencepiece-test_model', () => sentencePieceJson(bytes('sentencepiece/test_model.model'))],
];

describe.skipIf(!present)('real vocabulary files', () => {
  it.each(FILES)('%s gives the reference ids', (name, content) => {
    const tokenizer = tokenizerFromJson(content());
    const texts = lines<{ text: string }>('reference/computed/strings.jsonl');
    const references = lines<number[]>(`reference/computed/${name}.ids.jsonl`);
    expect(references).toHaveLength(texts.length);
    for (const [i, { text }] of texts.entries()) {
      expect([text, [...tokenizer.encode(text).ids]]).toEqual([text, references[i]]);
      const { ids } = tokenizer.encode(text, { offsets: true });
      expect([text, [...ids]]).toEqual([text, references[i]]);
    }
  });

  it('the vocabulary in a GGUF file of BERT is that of its vocab.txt', () => {
    const content = ggufJson(bytes('gguf/ggml-vocab-bert-bge.gguf'));
    expect(content).toEqual(bertJson(text('bert/bert-base-uncased-vocab.txt')));
  });

  it.each([
    ['bert-bge', () => ggufJson(bytes('gguf/ggml-vocab-bert-bge.gguf'))],
    [
      'qwen2',
      () =>
        gpt2Json(text('qwen2/vocab.json.gz'), text('qwen2/merges.txt.gz'), {
          pattern: QWEN2_PATTERN,
          nfc: true,
        }),
    ],
  ] as const)("%s gives llama.cpp's ids", (name, content) => {
    const tokenizer = tokenizerFromJson(content());
    const separator = '\n__ggml_vocab_test__\n';
    const texts = text('reference/llama.cpp/strings.inp').split(separator);
    const references = text(`reference/llama.cpp/${name}.out`).split('\n');
    for (const [i, each] of texts.entries()) {
      const ids = [...tokenizer.encode(each, { addSpecialTokens: false }).ids].join(' ');
      expect([each, ids]).toEqual([each, references[i].trim()]);
    }
  });
});
