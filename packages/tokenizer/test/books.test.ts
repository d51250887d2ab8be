import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  bertJson,
  cl100kBase,
  o200kBase,
  sentencePieceJson,
  tiktokenJson,
} from '../src/formats/index.js';
import { type TextTokenizer, tokenizerFromJson } from '../src/index.js';
import { golden } from './golden.js';

/*
 * Whole books in English and Chinese, and one text in 24 languages: the ids of the reference libraries, and
 * of Hugging Face's the offsets too, by digests that tools/golden/tokenizer/books.py made.
 */

const data = new URL('../../../../shared/data/', import.meta.url);
const present = existsSync(data);
if (!present) console.log(`Books: skipped, there is no ${data.pathname}`);

function bytes(path: string): Uint8Array {
  const file = readFileSync(new URL(path, data));
  return path.endsWith('.gz') ? gunzipSync(file) : file;
}

const text = (path: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes(path));
const json = (path: string): TextTokenizer => tokenizerFromJson(JSON.parse(text(path)));
const bert = (path: string, lowercase: boolean): TextTokenizer =>
  tokenizerFromJson(bertJson(text(path), { lowercase }));
const spm = (path: string): TextTokenizer => tokenizerFromJson(sentencePieceJson(bytes(path)));

const TOKENIZERS = new Map<string, () => TextTokenizer>([
  ['gpt2', () => json('tokenizers/gpt2/tokenizer.json.gz')],
  ['dolma2', () => json('tokenizers/olmo/dolma2.tokenizer.json.gz')],
  ['gpt-neox', () => json('tokenizers/olmo/gpt-neox-20b-pii-special.tokenizer.json.gz')],
  ['t5-json', () => json('tokenizers/sentencepiece/t5-tokenizer.json.gz')],
  ['bert-base-uncased', () => bert('tokenizers/bert/bert-base-uncased-vocab.txt', true)],
  ['bert-base-cased', () => bert('tokenizers/bert/bert-base-cased-vocab.txt', false)],
  ['bert-base-chinese', () => bert('tokenizers/bert/bert-base-chinese-vocab.txt', true)],
  [
    'cl100k_base',
    () =>
      tokenizerFromJson(
        tiktokenJson(text('tokenizers/tiktoken/cl100k_base.tiktoken.gz'), cl100kBase),
      ),
  ],
  [
    'o200k_base',
    () =>
      tokenizerFromJson(
        tiktokenJson(text('tokenizers/tiktoken/o200k_base.tiktoken.gz'), o200kBase),
      ),
  ],
  ['mistral-7b-v1', () => spm('tokenizers/sentencepiece/mistral-7b-v1.model')],
  ['t5-spiece', () => spm('tokenizers/sentencepiece/t5-spiece.model')],
  ['test_ja_model', () => spm('tokenizers/sentencepiece/test_ja_model.model')],
]);

/** Sums of scores tie here: sentencepiece adds 32-bit floats, and takes another of two equal ways than doubles do. */
const TIES: Readonly<Record<string, readonly string[]>> = {
  't5-spiece': ['pretrain/poetry_zh/tang/poet.tang.0.json.gz', 'pretrain/udhr/rus.txt'],
  test_ja_model: ['pretrain/poetry_zh/tang/poet.tang.0.json.gz'],
};

/** Of each file the number of ids, their digest, and that of the offsets in code points. */
type Digests = Readonly<Record<string, readonly [number, string, string?]>>;

const digest = (numbers: Int32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex')
    .slice(0, 16);

describe.skipIf(!present)('whole books', () => {
  const wanted = Object.entries(golden<Readonly<Record<string, Digests>>>('books.json'));
  it.each(wanted)('%s', (name, files) => {
    const tokenizer = TOKENIZERS.get(name)?.() as TextTokenizer;
    const off: string[] = [];
    for (const [path, [count, ids, offsets]] of Object.entries(files)) {
      const options = { addSpecialTokens: false, codePoints: true, offsets: offsets !== undefined };
      const got = tokenizer.encode(text(path), options);
      const tie = TIES[name]?.includes(path) ?? false;
      // Without offsets, texts go another way.
      const alone = tokenizer.encode(text(path), { addSpecialTokens: false });
      if (digest(alone.ids) !== digest(got.ids)) off.push(`${path}: other ids without offsets`);
      if (got.ids.length !== count || (digest(got.ids) !== ids) !== tie)
        off.push(`${path}: other ids (${got.ids.length}, wanted ${count})`);
      else if (offsets !== undefined && digest(got.offsets as Int32Array) !== offsets)
        off.push(`${path}: other offsets`);
    }
    expect(off).toEqual([]);
  });
});
