import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Json, Tokenizer } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import {
  bertJson,
  cl100kBase,
  ggufJson,
  gpt2Json,
  o200kBase,
  r50kBase,
  sentencePieceJson,
  type TiktokenOptions,
  tiktokenJson,
  toBertVocab,
  toGpt2Files,
  toSentencePiece,
  toTiktoken,
  whisperEncoding,
} from '../src/formats/index.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { refusal } from './writable-content.js';

const data = new URL('../../../../shared/data/tokenizers/', import.meta.url);
const present = existsSync(data);
if (!present) console.log(`Writing real vocabularies: skipped, there is no ${data.pathname}`);

function bytes(path: string): Uint8Array {
  const file = readFileSync(new URL(path, data));
  return path.endsWith('.gz') ? gunzipSync(file) : file;
}

function text(path: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes(path));
}

function content(path: string): Tokenizer {
  return tokenizerFromJson(JSON.parse(text(path)));
}

function expectSameIds(given: Tokenizer, wanted: Tokenizer, compared = /(?:)/): void {
  const lines = text('reference/computed/strings.jsonl').trim().split('\n');
  const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
  const some = texts.filter((each) => compared.test(each));
  expect(some.length).toBeGreaterThan(texts.length / 2);
  for (const each of some) {
    const options = { addSpecialTokens: false };
    expect([each, ...given.encode(each, options).ids]).toEqual([
      each,
      ...wanted.encode(each, options).ids,
    ]);
  }
}

describe.skipIf(!present)('real files, read and written again', () => {
  it.each<[path: string, encoding: TiktokenOptions]>([
    ['cl100k_base.tiktoken.gz', cl100kBase],
    ['o200k_base.tiktoken.gz', o200kBase],
    ['whisper_multilingual.tiktoken', whisperEncoding()],
  ])('%s has the same bytes', { timeout: 60_000 }, (path, encoding) => {
    const file = text(`tiktoken/${path}`);
    const written = toTiktoken(tokenizerFromJson(tiktokenJson(file, encoding)));
    expect(written === file).toBe(true);
  });

  it.each([
    ['gpt2/encoder.json.gz', 'gpt2/vocab.bpe'],
    ['qwen2/vocab.json.gz', 'qwen2/merges.txt.gz'],
  ])('%s is the same JSON, and %s has the same bytes', { timeout: 30_000 }, (vocab, merges) => {
    const tokenizer = tokenizerFromJson(gpt2Json(text(vocab), text(merges)));
    const files = toGpt2Files(tokenizer);
    expect(files.merges === text(merges)).toBe(true);
    expect(JSON.parse(files.vocab)).toEqual(JSON.parse(text(vocab)));
    expect(gpt2Json(files.vocab, files.merges)).toEqual(gpt2Json(text(vocab), text(merges)));
  });

  it.each(['bert-base-uncased', 'bert-base-cased', 'bert-base-chinese'])(
    '%s has the same bytes, with a last line end',
    (name) => {
      const file = text(`bert/${name}-vocab.txt`);
      const written = toBertVocab(tokenizerFromJson(bertJson(file, { lowercase: false })));
      expect(written === file.replace(/\n?$/, '\n')).toBe(true);
    },
  );

  it('the vocabulary of a GGUF file of BERT is written as its vocab.txt', () => {
    const json = ggufJson(bytes('gguf/ggml-vocab-bert-bge.gguf'));
    const written = toBertVocab(tokenizerFromJson(json));
    expect(written === text('bert/bert-base-uncased-vocab.txt')).toBe(true);
  });

  it.each(['t5-spiece', 'test_model', 'test_ja_model'])('%s is the same tokenizer', (name) => {
    const json = sentencePieceJson(bytes(`sentencepiece/${name}.model`));
    const written = toSentencePiece(tokenizerFromJson(json));
    expect(sentencePieceJson(written)).toEqual(json);
  });

  it("Mistral's gives the same ids, with one merge a token", { timeout: 30_000 }, () => {
    const json = sentencePieceJson(bytes('sentencepiece/mistral-7b-v1.model'));
    const tokenizer = tokenizerFromJson(json);
    const read: Json = sentencePieceJson(toSentencePiece(tokenizer));
    // Its tokens of several ▁ share one score: the reader gives all ways to cut a token, of which only one comes up.
    const mergesOf = (content: Json): number =>
      (content as { model: { merges: Json[] } }).model.merges.length;
    expect([mergesOf(json), mergesOf(read)]).toEqual([58980, 28446]);
    expectSameIds(tokenizerFromJson(read), tokenizer);
    expect(sentencePieceJson(toSentencePiece(tokenizerFromJson(read)))).toEqual(read);
  });
});

describe.skipIf(!present)("Hugging Face's conversions of real files", () => {
  it("GPT-2's tokenizer.json is the vocabulary of r50k_base", { timeout: 30_000 }, () => {
    const tokenizer = content('gpt2/tokenizer.json.gz');
    expectSameIds(tokenizerFromJson(tiktokenJson(toTiktoken(tokenizer), r50kBase)), tokenizer);
    expect(toGpt2Files(tokenizer).merges === text('gpt2/vocab.bpe')).toBe(true);
  });

  it("T5's has SentencePiece's pieces, and its spaces if asked for", () => {
    const tokenizer = content('sentencepiece/t5-tokenizer.json.gz');
    expect(refusal(() => toSentencePiece(tokenizer)).details.place).toBe('pre_tokenizer');
    const written = sentencePieceJson(toSentencePiece(tokenizer, { removeExtraWhitespaces: true }));
    // U+0085 is white space to Hugging Face's library alone.
    expectSameIds(tokenizerFromJson(written), tokenizer, /^[^\u0085]*$/);
    const original = sentencePieceJson(bytes('sentencepiece/t5-spiece.model'));
    const vocabOf = (json: Json): Json[] => (json as { model: { vocab: Json[] } }).model.vocab;
    expect(vocabOf(written).slice(0, 32_000)).toEqual(vocabOf(original));
  });

  it.each(['dolma2', 'gpt-neox-20b-pii-special'])(
    '%s has tokens that are read in every text',
    (name) => {
      const tokenizer = content(`olmo/${name}.tokenizer.json.gz`);
      for (const write of [toTiktoken, toGpt2Files]) {
        expect(refusal(() => write(tokenizer)).details.place).toMatch(/^added_tokens/);
      }
    },
  );
});
