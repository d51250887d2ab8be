import type { Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bertJson } from '../src/formats/bert-vocab.js';
import { CL100K_PATTERN } from '../src/formats/byte-level-content.js';
import { ggufJson } from '../src/formats/gguf.js';
import { gpt2Json } from '../src/formats/gpt2-files.js';
import { mergesOfTokens } from '../src/formats/merges-of-tokens.js';
import { sentencePieceJson } from '../src/formats/sentencepiece.js';
import { type Piece, sentencePieceContent } from '../src/formats/sentencepiece-content.js';
import { readModelProto } from '../src/formats/sentencepiece-proto.js';
import { tiktokenJson } from '../src/formats/tiktoken.js';
import { whisperEncoding } from '../src/formats/whisper-encoding.js';
import { IdList } from '../src/id-list.js';
import { bpeModel } from '../src/models/bpe-model.js';
import { mergesAt } from '../src/models/read-merges.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { writeGguf } from './gguf-writer.js';
import { type EncodingGolden, type FormatsGolden, golden } from './golden.js';
import { plainlyMerged } from './plain-merging.js';

const { texts, tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');

function bytesOf(file: string): Uint8Array {
  return Uint8Array.from(Buffer.from(file, 'base64'));
}

function fileOf(name: string): Uint8Array {
  return bytesOf(sentencepiece.find((each) => each.name === name)?.file as string);
}

/** Where our ids are those of Hugging Face's library, and not of sentencepiece. */
const OTHER_THAN_SENTENCEPIECE: readonly { name: string; text: RegExp; reason: string }[] = [
  {
    name: 'unigram, bytes',
    text: /^x<0x41>y$/,
    reason: 'the name of a byte token, written in a text, is that token to Hugging Face',
  },
  {
    name: 'unigram, bytes',
    text: /^a{3000}$/,
    reason: 'paths that are equally good: sentencepiece adds scores as 32-bit numbers',
  },
  {
    name: 'unigram, as it stands',
    text: /^ing {2}gingingggginggg {3}g inging$/,
    reason: 'paths that are equally good: sentencepiece adds scores as 32-bit numbers',
  },
];

function expectIds(json: Json, name: string, ids: readonly (readonly number[])[]): void {
  const tokenizer = tokenizerFromJson(JSON.parse(JSON.stringify(json)));
  for (const [i, text] of texts.entries()) {
    const encoded = [...tokenizer.encode(text).ids];
    const other = OTHER_THAN_SENTENCEPIECE.find(
      (each) => each.name === name && each.text.test(text),
    );
    if (other) expect([other.reason, encoded]).not.toEqual([other.reason, ids[i]]);
    else expect([text, encoded]).toEqual([text, ids[i]]);
  }
}

describe('tiktoken', () => {
  it('gives the ids of the library', () => {
    const json = tiktokenJson(tiktoken.file, { pattern: CL100K_PATTERN });
    expectIds(json, 'tiktoken', tiktoken.ids);
  });

  it('special tokens are added with their ids, whatever gap is before them', () => {
    const specialTokens = [['<|endoftext|>', 710]] as const;
    const json = tiktokenJson(tiktoken.file, { pattern: CL100K_PATTERN, specialTokens });
    const tokenizer = tokenizerFromJson(json);
    const options = { parseSpecialTokens: true };
    expect([...tokenizer.encode('<|endoftext|>', options).ids]).toEqual([710]);
  });

  it("Whisper's empty token is a token", () => {
    expect(() => tiktokenJson(`${tiktoken.file}= 700\n`, { pattern: 'gpt2' })).not.toThrow();
  });

  it("Whisper's special tokens stand in its order", () => {
    const special = new Map(whisperEncoding().specialTokens);
    expect(special.size).toBe(1608);
    expect([...special].slice(0, 3)).toEqual([
      ['<|endoftext|>', 50257],
      ['<|startoftranscript|>', 50258],
      ['<|en|>', 50259],
    ]);
    expect(special.get('<|transcribe|>')).toBe(50359);
    expect(special.get('<|30.00|>')).toBe(51864);
    expect(new Map(whisperEncoding(50257, 100).specialTokens).get('<|yue|>')).toBe(50358);
    expect(new Map(whisperEncoding(50256).specialTokens).get('<|endoftext|>')).toBe(50256);
  });
});

describe('merges of a vocabulary without merges', () => {
  it('give the ids of joining any two neighbours that are a token, the first token first', () => {
    const token = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 6 });
    const vocabulary = fc
      .uniqueArray(token, { maxLength: 40 })
      .map((tokens) => ['a', 'b', 'c', ...tokens]);
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(vocabulary, fc.array(text, { minLength: 1, maxLength: 5 }), (tokens, samples) => {
        const ranks = new Map(tokens.map((each, rank) => [each, rank]));
        const merges = mergesAt(mergesOfTokens(ranks, 512), 'merges', ranks, '');
        const model = bpeModel(ranks, merges, { symbols: 'characters' });
        for (const sample of samples) {
          const ids = new IdList(0);
          model.encodePiece(sample, 0, sample.length, ids);
          expect([...ids.toArray()].map((id) => tokens[id])).toEqual(joined(sample, ranks));
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  const joined = (text: string, ranks: ReadonlyMap<string, number>): string[] =>
    plainlyMerged([...text], (left, right) => ranks.get(left + right));

  it('leave out tokens that no merges lead to, and those that are too long', () => {
    const ranks = new Map(
      ['a', 'b', 'c', 'bc', 'abc', 'abcabc', 'cb'].map((token, i) => [token, i]),
    );
    expect(mergesOfTokens(ranks, 4)).toEqual([
      ['b', 'c'],
      ['a', 'bc'],
      ['c', 'b'],
    ]);
  });

  it('are all that there can be where tokens share a place in the order', () => {
    const ranks = new Map([
      ['a', 0],
      ['aa', 1],
      ['aaa', 2],
      ['aaaa', 2],
    ]);
    const pairs = mergesOfTokens(ranks, 512).map((pair) => pair.join(' '));
    expect(pairs).toEqual(['a a', 'a aa', 'aa a', 'a aaa', 'aa aa', 'aaa a']);
  });
});

describe('SentencePiece', () => {
  it.each(sentencepiece)('$name gives the ids of the library', ({ name, file, ids }) => {
    expectIds(sentencePieceJson(bytesOf(file)), name, ids);
  });

  it('puts the special tokens that are asked for around a text', () => {
    const json = sentencePieceJson(fileOf('bpe'), { addBos: true, addEos: true });
    const { ids } = tokenizerFromJson(json).encode('a');
    expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
  });
});

describe('thousands of user-defined pieces, as Gemma has them', () => {
  const runs = Array.from({ length: 30 }, (_, i) => ['\n', '▁'].map((each) => each.repeat(i + 2)));
  const userDefined = [...Array.from({ length: 6242 }, (_, i) => `<unused${i}>`), ...runs.flat()];
  const pieces: Piece[] = [
    { text: '<unk>', score: 0, type: 'unknown' },
    ...userDefined.map((text): Piece => ({ text, score: 0, type: 'user-defined' })),
    ...['▁', 'a', 'b', 'ab', 'c', '<'].map(
      (text, i): Piece => ({ text, score: -i, type: 'normal' }),
    ),
  ];

  it('are found as the longest that stands there', () => {
    const json = sentencePieceContent(
      {
        ...{ algorithm: 'bpe', pieces, byteFallback: false, before: [], after: [] },
        ...{ addDummyPrefix: false, removeExtraWhitespaces: false, escapeWhitespaces: true },
      },
      'test',
    );
    const tokenizer = tokenizerFromJson(JSON.parse(JSON.stringify(json)));
    const { ids } = tokenizer.encode('ab <unused6241><\n\n\n   abc<unused1>');
    expect([...ids].map((id) => tokenizer.tokenOf(id))).toEqual([
      ...['ab', '▁', '<unused6241>', '<', '\n\n\n', '▁▁▁', 'ab', 'c', '<unused1>'],
    ]);
  });
});

describe('GGUF', () => {
  it.each(['bpe, bytes', 'bpe', 'unigram, rules'])('holds SentencePiece: %s', (name) => {
    const file = fileOf(name);
    const model = readModelProto(file);
    const types = ['', 'normal', 'unknown', 'control', 'user-defined', 'unused', 'byte'];
    const values = new Map<string, string | boolean | readonly (string | number)[]>([
      ['general.name', 'small'],
      ['tokenizer.ggml.model', name.startsWith('bpe') ? 'llama' : 't5'],
      ['tokenizer.ggml.tokens', model.pieces.map(({ text }) => text)],
      ['tokenizer.ggml.scores', model.pieces.map(({ score }) => score)],
      ['tokenizer.ggml.token_type', model.pieces.map(({ type }) => types.indexOf(type))],
      ['tokenizer.ggml.remove_extra_whitespaces', model.removeExtraWhitespaces],
      ['tokenizer.ggml.add_bos_token', false],
    ]);
    if (model.charsmap.length > 0) {
      values.set('tokenizer.ggml.precompiled_charsmap', [...model.charsmap]);
    }
    expect(ggufJson(writeGguf(values))).toEqual(sentencePieceJson(file));
  });

  it('holds byte-level BPE', () => {
    const { tokenizer } = golden<EncodingGolden>('encoding.json');
    const { vocab, merges } = tokenizer.model as unknown as Gpt2Model;
    const special = new Map([['<|endoftext|>', 3]]);
    const tokens = Object.keys(vocab).sort((a, b) => vocab[a] - vocab[b]);
    const file = writeGguf(
      new Map<string, string | number | boolean | readonly (string | number)[]>([
        ['tokenizer.ggml.model', 'gpt2'],
        ['tokenizer.ggml.pre', 'gpt-2'],
        ['tokenizer.ggml.tokens', tokens],
        ['tokenizer.ggml.token_type', tokens.map((token) => special.get(token) ?? 1)],
        ['tokenizer.ggml.merges', merges.map((merge) => merge.join(' '))],
        ['tokenizer.ggml.bos_token_id', vocab['<|endoftext|>']],
        ['tokenizer.ggml.add_bos_token', true],
      ]),
    );
    const fromGguf = tokenizerFromJson(ggufJson(file));
    const fromFiles = tokenizerFromJson(gpt2Json(JSON.stringify(vocab), mergesTxt(merges)));
    for (const text of texts) {
      const [first, ...ids] = fromGguf.encode(text).ids;
      expect(first).toBe(vocab['<|endoftext|>']);
      expect(ids).toEqual([...fromFiles.encode(text).ids]);
    }
  });

  it('holds WordPiece, with words marked at their beginning', () => {
    const vocab = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b', '##', '▁'];
    const tokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '▁a', 'b', '', '▁▁'];
    const file = writeGguf(
      new Map<string, string | string[]>([
        ['tokenizer.ggml.model', 'bert'],
        ['tokenizer.ggml.tokens', tokens],
      ]),
    );
    expect(ggufJson(file)).toEqual(bertJson(vocab.join('\n')));
  });

  it.each<[reason: string, name: string, value: string | number | readonly string[]]>([
    ['model "rwkv" is not supported', 'model', 'rwkv'],
    ['pre "surprise" is not supported', 'pre', 'surprise'],
    ['tokens: there are none', 'tokens', []],
    ['tokens: should be an array of texts', 'tokens', 'a b'],
    ['merges\\[0\\]: should be two tokens', 'merges', ['a']],
    ['token 1: "a" stands there twice', 'tokens', ['a', 'a']],
    ['bos_token_id: there is no token 7', 'bos_token_id', 7],
  ])('%s', (reason, name, value) => {
    const values = new Map<string, string | number | readonly string[]>([
      ['tokenizer.ggml.model', 'gpt2'],
      ['tokenizer.ggml.tokens', ['a', 'b']],
      ['tokenizer.ggml.merges', []],
    ]);
    values.set(`tokenizer.ggml.${name}`, value);
    expect(() => ggufJson(writeGguf(values))).toThrow(new RegExp(reason));
  });
});

interface Gpt2Model {
  readonly vocab: { readonly [token: string]: number };
  readonly merges: readonly (readonly [string, string])[];
}

function mergesTxt(merges: Gpt2Model['merges']): string {
  return ['#version: 0.2', ...merges.map((merge) => merge.join(' ')), ''].join('\n');
}

describe("GPT-2's files", () => {
  const { tokenizer } = golden<EncodingGolden>('encoding.json');
  const model = tokenizer.model as unknown as Gpt2Model;

  it('give the model of the same tokenizer.json', () => {
    const json = gpt2Json(
      JSON.stringify(model.vocab),
      mergesTxt(model.merges).replaceAll('\n', '\r\n'),
    );
    const { vocab, merges } = (json as unknown as { model: Gpt2Model }).model;
    expect(vocab).toEqual(model.vocab);
    expect(merges).toEqual(model.merges);
  });

  it('special tokens that are not in the vocabulary come behind it', () => {
    const options = { specialTokens: ['<|endoftext|>', '<|new|>'] };
    const size = Object.keys(model.vocab).length;
    const json = gpt2Json(JSON.stringify(model.vocab), mergesTxt(model.merges), options);
    expect((json as { added_tokens: { id: number }[] }).added_tokens.map(({ id }) => id)).toEqual([
      model.vocab['<|endoftext|>'],
      size,
    ]);
  });
});

describe("BERT's vocab.txt", () => {
  const vocab = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b', 'a##', 'hasOwnProperty'];

  it('gives a tokenizer with [CLS] and [SEP] around a text', () => {
    const tokenizer = tokenizerFromJson(bertJson(`${vocab.join('\r\n')}\r\n`));
    expect([...tokenizer.encode('Ab áb x').ids]).toEqual([2, 5, 6, 5, 6, 1, 3]);
    expect(tokenizer.vocabSize).toBe(vocab.length);
  });

  it('with case, if it is not to be lowered', () => {
    const tokenizer = tokenizerFromJson(bertJson(vocab.join('\n'), { lowercase: false }));
    expect([...tokenizer.encode('Ab hasOwnProperty').ids]).toEqual([2, 1, 8, 3]);
  });
});
