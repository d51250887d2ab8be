import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeddleError, type Json, type Tokenizer } from '@heddle/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { QWEN2_PATTERN } from '../src/formats/byte-level-content.js';
import {
  bertJson,
  cl100kBase,
  gpt2Json,
  sentencePieceJson,
  tiktokenJson,
  toGpt2Files,
  toSentencePiece,
} from '../src/formats/index.js';
import { loadTokenizer, saveTokenizer } from '../src/node.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { writeGguf } from './gguf-writer.js';
import { type FormatsGolden, golden } from './golden.js';
import { byteLevel, characterBpe } from './writable-content.js';

const { tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');
const model = Uint8Array.from(Buffer.from(sentencepiece[0].file, 'base64'));
const vocabTxt = '[UNK]\n[CLS]\n[SEP]\na\nA\n';
const gpt2 = toGpt2Files(tokenizerFromJson(byteLevel([['a', 'b']])));

let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heddle-tokenizer-kinds-'));
});
beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder);
});
afterAll(() => rm(root, { recursive: true }));

async function put(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const config = (content: Json): Promise<string> =>
  put('tokenizer_config.json', JSON.stringify(content));

/** What a tokenizer is after it has been made of JSON. */
const made = (json: Json): Json => tokenizerFromJson(json).toJSON();

async function refusal(action: Promise<unknown>): Promise<HeddleError> {
  const error = await action.catch((thrown: unknown) => thrown);
  if (!HeddleError.is(error)) throw new Error(`no HeddleError: ${error}`);
  return error;
}

describe('loadTokenizer reads other files', () => {
  it.each<[name: string, content: string | Uint8Array, json: () => Json]>([
    ['tokenizer.model', model, () => sentencePieceJson(model)],
    ['any.model', model, () => sentencePieceJson(model)],
    ['vocab.txt', vocabTxt, () => bertJson(vocabTxt)],
    ['bert-base-vocab.txt', vocabTxt, () => bertJson(vocabTxt)],
    ['cl100k_base.tiktoken', filled(), () => tiktokenJson(filled(), cl100kBase)],
  ])('%s', async (name, content, json) => {
    const loaded = await loadTokenizer(await put(name, content));
    expect(loaded.toJSON()).toEqual(made(json()));
  });

  it('merges.txt and vocab.json, by either', async () => {
    const paths = [await put('vocab.json', gpt2.vocab), await put('merges.txt', gpt2.merges)];
    for (const path of paths) {
      expect((await loadTokenizer(path)).toJSON()).toEqual(made(gpt2Json(gpt2.vocab, gpt2.merges)));
    }
  });

  it('GGUF, of which only the head: the rest may have gigabytes', async () => {
    const file = writeGguf(
      new Map<string, string | readonly string[]>([
        ['tokenizer.ggml.model', 'bert'],
        ['tokenizer.ggml.tokens', ['[UNK]', '[CLS]', '[SEP]', '▁a']],
        // More than is read at first.
        ['tokenizer.ggml.other', 'x'.repeat(5_000_000)],
      ]),
    );
    const path = await put('any.gguf', file);
    await truncate(path, 2 ** 33);
    const loaded = await loadTokenizer(path);
    expect(loaded.toJSON()).toEqual(made(bertJson('[UNK]\n[CLS]\n[SEP]\na\n')));
    await truncate(path, 4_999_999);
    const error = await refusal(loadTokenizer(path));
    expect(error.message).toContain(`${path}: GGUF file: ends in its metadata`);
  });

  it('a .tiktoken file of no known encoding is refused: its pattern is not known', async () => {
    const path = await put('small.tiktoken', tiktoken.file);
    const error = await refusal(loadTokenizer(path));
    expect(error).toMatchObject({ code: 'invalid-argument', details: { given: path } });
    expect(error.message).toContain('read it with tiktokenJson and a pattern');
  });

  it.each([
    ['any.model', 'SentencePiece model'],
    ['vocab.txt', 'vocab.txt'],
    ['r50k_base.tiktoken', 'tiktoken file'],
    ['any.gguf', 'GGUF file'],
  ])('%s of other content is refused by path', async (name, what) => {
    const path = await put(name, 'surprise');
    const error = await refusal(loadTokenizer(path));
    expect(error.code).toBe('bad-file');
    expect(error.message).toContain(`${path}: ${what}`);
  });
});

/** The file of the goldens, and tokens up to where the special ones of cl100k_base begin. */
function filled(): string {
  const size = tiktoken.file.split('\n').length - 1;
  const lines = Array.from({ length: 100277 - size }, (_, i) => {
    const id = size + i;
    const bytes = [0xff, 0xff, id >> 16, (id >> 8) & 255, id & 255];
    return `${btoa(String.fromCharCode(...bytes))} ${id}\n`;
  });
  return (
    tiktoken.file +
    lines.filter((_, i) => ![100257, 100258, 100259, 100260, 100276].includes(size + i)).join('')
  );
}

describe('in a folder', () => {
  it('tokenizer.json goes before all others', async () => {
    await put('vocab.txt', vocabTxt);
    await put('tokenizer.json', JSON.stringify(characterBpe([['a', 'b']])));
    await config({ tokenizer_class: 'OtherTokenizer' });
    const loaded = await loadTokenizer(folder);
    expect(loaded.toJSON()).toEqual(made(characterBpe([['a', 'b']])));
  });

  it.each([
    ['vocab.txt', vocabTxt],
    ['tokenizer.model', model],
    ['spiece.model', model],
    ['sentencepiece.bpe.model', model],
  ])('%s is found', async (name, content) => {
    const path = await put(name, content);
    const [loaded, same] = [await loadTokenizer(folder), await loadTokenizer(path)];
    expect(loaded.toJSON()).toEqual(same.toJSON());
  });

  it('without a tokenizer the names are said', async () => {
    const error = await refusal(loadTokenizer(folder));
    expect(error).toMatchObject({ code: 'bad-file', details: { path: folder } });
    expect(error.message).toContain('none of tokenizer.json, merges.txt, vocab.txt');
  });
});

describe('tokenizer_config.json says what a file leaves out', () => {
  it("BERT's case and accents", async () => {
    await put('vocab.txt', vocabTxt);
    await config({ tokenizer_class: 'BertTokenizer', do_lower_case: false, strip_accents: true });
    const loaded = await loadTokenizer(folder);
    const options = { lowercase: false, stripAccents: true };
    expect(loaded.toJSON()).toEqual(made(bertJson(vocabTxt, options)));
  });

  it("Qwen's pattern and special tokens", async () => {
    await put('vocab.json', gpt2.vocab);
    await put('merges.txt', gpt2.merges);
    const token = { content: '<|im_end|>', special: true };
    await config({ tokenizer_class: 'Qwen2Tokenizer', added_tokens_decoder: { 257: token } });
    const wanted = gpt2Json(gpt2.vocab, gpt2.merges, {
      pattern: QWEN2_PATTERN,
      nfc: true,
      specialTokens: ['<|im_end|>'],
    });
    expect((await loadTokenizer(folder)).toJSON()).toEqual(made(wanted));
  });

  it("Llama's tokens around a text", async () => {
    await put('tokenizer.model', model);
    await config({ tokenizer_class: 'LlamaTokenizer', add_eos_token: true });
    const wanted = sentencePieceJson(model, { addBos: true, addEos: true });
    expect((await loadTokenizer(folder)).toJSON()).toEqual(made(wanted));
  });

  it.each<[name: string, content: string | Uint8Array, config: Json, key: string]>([
    ['vocab.txt', vocabTxt, { tokenizer_class: 'RoFormerTokenizer' }, 'tokenizer_class'],
    ['spiece.model', model, { tokenizer_class: 'T5Tokenizer' }, 'tokenizer_class'],
    ['merges.txt', gpt2.merges, { tokenizer_class: 'CLIPTokenizer' }, 'tokenizer_class'],
    ['merges.txt', gpt2.merges, { add_bos_token: true }, 'add_bos_token'],
    [
      'spiece.model',
      model,
      { added_tokens_decoder: { 999: { content: '<pad>', special: true } } },
      'added_tokens_decoder[999]',
    ],
    [
      'merges.txt',
      gpt2.merges,
      { added_tokens_decoder: { 300: { content: '<pad>', special: true } } },
      'added_tokens_decoder[300]',
    ],
    [
      'merges.txt',
      gpt2.merges,
      { added_tokens_decoder: { 257: { content: '<tool>', special: false } } },
      'added_tokens_decoder[257].special',
    ],
  ])('beside %s is refused by name: %#', async (name, content, given, key) => {
    if (name === 'merges.txt') await put('vocab.json', gpt2.vocab);
    const path = await put(name, content);
    await config(given);
    const error = await refusal(loadTokenizer(folder));
    expect(error.code).toBe('tokenizer/unsupported');
    expect(error.message).toContain(`${path}: tokenizer_config.json, ${key}: `);
  });
});

describe('saveTokenizer chooses by the end of the path', () => {
  const reloaded = async (tokenizer: Tokenizer, name: string): Promise<Json> => {
    const path = join(folder, name);
    await saveTokenizer(tokenizer, path);
    return (await loadTokenizer(path)).toJSON();
  };

  it('and what is written is loaded again', async () => {
    const bert = tokenizerFromJson(bertJson(vocabTxt));
    expect(await reloaded(bert, 'vocab.txt')).toEqual(bert.toJSON());
    const pieces = tokenizerFromJson(sentencePieceJson(model));
    expect(await reloaded(pieces, 'new.model')).toEqual(pieces.toJSON());
    expect(await reloaded(pieces, 'new.json')).toEqual(pieces.toJSON());
    expect([...(await readFile(join(folder, 'new.model')))]).toEqual([...toSentencePiece(pieces)]);
    const bytes = tokenizerFromJson(tiktokenJson(tiktoken.file, cl100kBase));
    await saveTokenizer(bytes, join(folder, 'new.tiktoken'));
    expect(await readFile(join(folder, 'new.tiktoken'), 'utf8')).toBe(tiktoken.file);
  });

  it.each([
    ['vocab.json', 'toGpt2Files'],
    ['merges.txt', 'toGpt2Files'],
    ['new.gguf', 'only read'],
  ])('%s is refused', async (name, reason) => {
    const path = join(folder, name);
    const error = await refusal(saveTokenizer(tokenizerFromJson(bertJson(vocabTxt)), path));
    expect(error).toMatchObject({ code: 'invalid-argument', details: { given: path } });
    expect(error.message).toContain(reason);
  });

  it('a tokenizer of another kind is refused before a file is touched', async () => {
    const path = await put('vocab.txt', vocabTxt);
    const pieces = tokenizerFromJson(sentencePieceJson(model));
    const error = await refusal(saveTokenizer(pieces, path));
    expect(error.code).toBe('tokenizer/not-writable');
    expect(await readFile(path, 'utf8')).toBe(vocabTxt);
  });
});
