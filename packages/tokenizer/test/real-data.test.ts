import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Tokenizer } from '@heddle/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { streamDecoder, tokenizerFromJson } from '../src/index.js';

const data = new URL('../../../../shared/data/', import.meta.url);
const present = existsSync(data);
if (!present) console.log(`Real data: skipped, there is no ${data.pathname}`);

function read(path: string): string {
  const bytes = readFileSync(new URL(path, data));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

function lines<T>(path: string): T[] {
  return read(path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

describe.skipIf(!present)('real tokenizers', () => {
  let gpt2: Tokenizer;
  beforeAll(() => {
    gpt2 = tokenizerFromJson(JSON.parse(read('tokenizers/gpt2/tokenizer.json.gz')));
  });

  it.each([
    ['gpt2', () => gpt2],
    [
      'dolma2',
      () => tokenizerFromJson(JSON.parse(read('tokenizers/olmo/dolma2.tokenizer.json.gz'))),
    ],
  ])('%s gives the reference ids', (name, load) => {
    const tokenizer = load();
    const texts = lines<{ text: string }>('tokenizers/reference/computed/strings.jsonl');
    const references = lines<number[]>(`tokenizers/reference/computed/${name}.ids.jsonl`);
    expect(references).toHaveLength(texts.length);
    for (const [i, { text }] of texts.entries()) {
      const { ids } = tokenizer.encode(text);
      expect([text, [...ids]]).toEqual([text, references[i]]);
      expect(tokenizer.decode(ids)).toBe(text);
      const stream = streamDecoder(tokenizer);
      expect([...ids].map((id) => stream.push(id)).join('') + stream.end()).toBe(text);
    }
  });

  it("gpt2 gives llama.cpp's ids", () => {
    const texts = read('tokenizers/reference/llama.cpp/strings.inp').split(
      '\n__ggml_vocab_test__\n',
    );
    const references = read('tokenizers/reference/llama.cpp/gpt-2.out').split('\n');
    for (const [i, text] of texts.entries()) {
      const ids = [...gpt2.encode(text).ids].join(' ');
      expect([text, ids]).toEqual([text, references[i].trim()]);
    }
  });

  it('books come back whole', () => {
    for (const path of [
      'pretrain/books_en/train/melville-moby-dick.txt.gz',
      'pretrain/novels_zh/train/sanguo-yanyi.txt.gz',
    ]) {
      const text = read(path);
      expect(gpt2.decode(gpt2.encode(text).ids) === text).toBe(true);
    }
  });

  it('gpt-neox, which normalizes, gives the reference ids', () => {
    const json = JSON.parse(read('tokenizers/olmo/gpt-neox-20b-pii-special.tokenizer.json.gz'));
    const tokenizer = tokenizerFromJson(json);
    const texts = lines<{ text: string }>('tokenizers/reference/computed/strings.jsonl');
    const references = lines<number[]>(
      'tokenizers/reference/computed/gpt-neox-20b-pii-special.ids.jsonl',
    );
    for (const [i, { text }] of texts.entries()) {
      const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
      expect([text, [...ids]]).toEqual([text, references[i]]);
      expect(tokenizer.decode(ids)).toBe(text.normalize('NFC'));
    }
  });
});
