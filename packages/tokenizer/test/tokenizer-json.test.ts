import { type ErrorCode, HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/index.js';
import { type EncodingGolden, golden } from './golden.js';

const json = JSON.stringify(golden<EncodingGolden>('encoding.json').tokenizer);

/** The refusal of the golden file with the value at `path` replaced (removed, if undefined). */
function refusal(
  path: string,
  value: unknown,
): { code: ErrorCode; place: unknown; message: string } {
  const file = JSON.parse(json);
  const keys = path.split('/');
  const last = keys.pop() as string;
  let parent = file;
  for (const key of keys) parent = parent[key];
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  try {
    tokenizerFromJson(file);
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    const place = 'place' in error.details ? error.details.place : undefined;
    return { code: error.code, place, message: error.message };
  }
  throw new Error('was taken');
}

describe('parts that are not there are refused by name', () => {
  it.each<[place: string, path: string, value: unknown]>([
    ['normalizer.type', 'normalizer', { type: 'Rot13' }],
    [
      'normalizer.normalizers[1].type',
      'normalizer',
      { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Rot13' }] },
    ],
    ['truncation.surprise', 'truncation', { max_length: 512, surprise: 1 }],
    ['truncation.strategy', 'truncation', { max_length: 512, strategy: 'Shortest' }],
    ['padding.strategy', 'padding', { strategy: 'Widest' }],
    ['padding.direction', 'padding', { strategy: 'BatchLongest', direction: 'Up' }],
    ['version', 'version', '2.0'],
    ['surprise', 'surprise', 1],
    ['""', '', 1],
    ['model.type', 'model/type', 'Rot13'],
    ['model.dropout', 'model/dropout', 0.1],
    ['model.extra', 'model/extra', null],
    ['pre_tokenizer.type', 'pre_tokenizer', { type: 'Rot13' }],
    [
      'pre_tokenizer.pattern.Regex',
      'pre_tokenizer',
      { type: 'Split', pattern: { Regex: '(a)\\1' }, behavior: 'Isolated', invert: false },
    ],
    ['post_processor.type', 'post_processor', { type: 'Rot13' }],
    ['decoder.type', 'decoder', { type: 'Rot13' }],
    ['decoder.decoders[0].type', 'decoder', { type: 'Sequence', decoders: [{ type: 'Rot13' }] }],
    ['added_tokens[0].surprise', 'added_tokens/0/surprise', true],
  ])('%s (%s: %j)', (place, path, value) => {
    const error = refusal(path, value);
    expect(error).toMatchObject({ code: 'tokenizer/unsupported', place });
    expect(error.message).toContain(place);
    expect(error.message).toMatch(/supported: |not supported/);
  });
});

it.each([
  ['normalizer', 'normalizers'],
  ['pre_tokenizer', 'pretokenizers'],
  ['post_processor', 'processors'],
  ['decoder', 'decoders'],
])('%s: sequences in sequences without end are refused', (key, steps) => {
  let section: object = { type: 'Sequence', [steps]: [] };
  for (let i = 0; i < 100_000; i++) section = { type: 'Sequence', [steps]: [section] };
  expect(() => tokenizerFromJson({ ...JSON.parse(json), [key]: section })).toThrow(
    /sequences in sequences too deep/,
  );
});

describe('content that contradicts itself is refused, with the place', () => {
  it.each<[place: string, path: string, value: unknown]>([
    ['model', 'model', undefined],
    ['model', 'model', []],
    ['model.vocab', 'model/vocab', []],
    ['model.vocab["!"]', 'model/vocab/!', -1],
    ['model.vocab["!"]', 'model/vocab/!', 1.5],
    ['model.vocab["!"]', 'model/vocab/!', 1e9],
    ['model.vocab["!"]', 'model/vocab/!', '1'],
    ['model.vocab["#"]', 'model/vocab/!', 3],
    ['model.vocab', 'model/vocab/!', 5000],
    ['model.merges', 'model/merges', undefined],
    ['model.merges', 'model/merges', {}],
    ['model.merges[3]', 'model/merges/3', 'x nosuchtoken'],
    ['model.merges[3]', 'model/merges/3', ['!', '"']],
    ['model.merges[3]', 'model/merges/3', 'x'],
    ['model.merges[3]', 'model/merges/3', ['a', 'b', 'c']],
    ['model.merges[3]', 'model/merges/3', 7],
    ['model.merges[3]', 'model/merges/3', JSON.parse(json).model.merges[1]],
    ['added_tokens', 'added_tokens', 'none'],
    ['added_tokens[1]', 'added_tokens/1', null],
    ['added_tokens[0].id', 'added_tokens/0/id', 17],
    ['added_tokens[1].id', 'added_tokens/1/id', 17],
    ['added_tokens[1].id', 'added_tokens/1/id', undefined],
    ['added_tokens[1].id', 'added_tokens/1/id', 1e9],
    ['post_processor.single', 'post_processor', { type: 'TemplateProcessing' }],
    ['truncation.max_length', 'truncation', { max_length: -1 }],
    ['padding.pad_id', 'padding', { pad_id: 2 ** 31 }],
    ['padding.pad_type_id', 'padding', { pad_type_id: 256 }],
    ['padding.strategy.Fixed', 'padding', { strategy: { Fixed: 2 ** 40 } }],
    ['padding.pad_to_multiple_of', 'padding', { pad_to_multiple_of: 2 ** 40 }],
    [
      'post_processor',
      'post_processor',
      { type: 'BertProcessing', cls: ['[CLS]', 101], sep: ['[SEP]', 5000] },
    ],
    ['model.vocab[0]', 'model', { type: 'Unigram', vocab: [['a', Number.NEGATIVE_INFINITY]] }],
    ['added_tokens[1].content', 'added_tokens/1/content', ''],
    ['added_tokens[1].content', 'added_tokens/1/content', '\ud800'],
    ['added_tokens[1].content', 'added_tokens/1/content', '<|endoftext|>'],
    ['added_tokens[1].special', 'added_tokens/1/special', 'yes'],
    ['pre_tokenizer.add_prefix_space', 'pre_tokenizer/add_prefix_space', 1],
  ])('%s (%s: %j)', (place, path, value) => {
    const error = refusal(path, value);
    expect(error).toMatchObject({ code: 'tokenizer/bad-json', place });
    expect(error.message).toContain(place);
  });

  it('by a short message, however much is wrong', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    for (const value of [deep, 'x'.repeat(1e6)]) {
      for (const path of ['version', 'model/type', 'model/merges/3', 'added_tokens/1/id']) {
        expect(refusal(path, value).message.length).toBeLessThan(1000);
      }
    }
  });

  it('also where it is no object at all', () => {
    for (const value of [null, undefined, 3, 'text', []]) {
      expect(() => tokenizerFromJson(value)).toThrow(/the file: should be an object/);
    }
  });
});
