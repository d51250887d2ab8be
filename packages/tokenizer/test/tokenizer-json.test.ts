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

function splitBy(pattern: object, behavior: string, next: object): object {
  const split = { type: 'Split', pattern, behavior, invert: false };
  return { type: 'Sequence', pretokenizers: [split, next] };
}

const QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

describe('parts that are not there are refused by name', () => {
  it.each<[place: string, path: string, value: unknown]>([
    ['normalizer', 'normalizer', { type: 'NFC' }],
    ['truncation', 'truncation', { max_length: 512 }],
    ['padding', 'padding', { strategy: 'BatchLongest' }],
    ['version', 'version', '2.0'],
    ['surprise', 'surprise', 1],
    ['model.type', 'model/type', 'WordPiece'],
    ['model.dropout', 'model/dropout', 0.1],
    ['model.ignore_merges', 'model/ignore_merges', true],
    ['model.end_of_word_suffix', 'model/end_of_word_suffix', '</w>'],
    ['model.continuing_subword_prefix', 'model/continuing_subword_prefix', '##'],
    ['model.extra', 'model/extra', null],
    ['model.vocab', 'model/vocab', { a: 0, b: 1 }],
    ['model.merges[3]', 'model/merges/3', ['a b', 'c']],
    ['model.merges[3]', 'model/merges/3', ' c'],
    ['pre_tokenizer', 'pre_tokenizer', { type: 'Whitespace' }],
    ['pre_tokenizer', 'pre_tokenizer', null],
    ['pre_tokenizer.use_regex', 'pre_tokenizer/use_regex', false],
    [
      'pre_tokenizer.pretokenizers',
      'pre_tokenizer',
      { type: 'Sequence', pretokenizers: [{ type: 'Digits' }] },
    ],
    [
      'pre_tokenizer.pretokenizers[0].pattern',
      'pre_tokenizer',
      splitBy({ Regex: '\\w+' }, 'Isolated', { type: 'ByteLevel' }),
    ],
    [
      'pre_tokenizer.pretokenizers[0].behavior',
      'pre_tokenizer',
      splitBy({ Regex: QWEN2 }, 'Removed', { type: 'ByteLevel' }),
    ],
    [
      'pre_tokenizer.pretokenizers[1].use_regex',
      'pre_tokenizer',
      splitBy({ Regex: QWEN2 }, 'Isolated', { type: 'ByteLevel', add_prefix_space: false }),
    ],
    [
      'pre_tokenizer.pretokenizers[1].add_prefix_space',
      'pre_tokenizer',
      splitBy({ Regex: QWEN2 }, 'Isolated', { type: 'ByteLevel', use_regex: false }),
    ],
    ['post_processor', 'post_processor', { type: 'TemplateProcessing' }],
    ['decoder', 'decoder', { type: 'WordPiece' }],
    ['decoder', 'decoder', null],
    ['added_tokens[1].lstrip', 'added_tokens/1/lstrip', true],
    ['added_tokens[1].rstrip', 'added_tokens/1/rstrip', true],
    ['added_tokens[0].single_word', 'added_tokens/0/single_word', true],
    ['added_tokens[0].surprise', 'added_tokens/0/surprise', true],
  ])('%s (%s: %j)', (place, path, value) => {
    const error = refusal(path, value);
    expect(error).toMatchObject({ code: 'tokenizer/unsupported', place });
    expect(error.message).toContain(place);
    expect(error.message).toContain('supported: ');
  });
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
    ['model.vocab', 'added_tokens/1/id', 5000],
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

  it('also where it is no object at all', () => {
    for (const value of [null, undefined, 3, 'text', []]) {
      expect(() => tokenizerFromJson(value)).toThrow(/the file: should be an object/);
    }
  });
});
