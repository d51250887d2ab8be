import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { modelAt } from '../src/models/read.js';

const sections = {
  BPE: {
    type: 'BPE',
    unk_token: null,
    vocab: { a: 0, b: 1, ab: 2, 'a b': 3, ' b': 4 },
    merges: ['a b', ['a', ' b']],
  },
  WordPiece: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0, a: 1 },
  },
  WordLevel: { type: 'WordLevel', vocab: { '[UNK]': 0, a: 1 }, unk_token: '[UNK]' },
  Unigram: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['a', -1.5],
    ],
    byte_fallback: false,
  },
};

/** The refusal of a section with the value at `path` replaced (removed, if undefined). */
function refusal(type: keyof typeof sections, path: string, value: unknown): unknown {
  const section = structuredClone(sections[type]);
  const keys = path.split('/');
  const last = keys.pop() as string;
  let parent = section as Record<string, unknown>;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  try {
    modelAt(section, 'model');
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    return { code: error.code, place: 'place' in error.details ? error.details.place : undefined };
  }
  return 'was taken';
}

const LONG = Array.from({ length: 2 ** 21 + 1 }, () => null);

describe('contradictory sections are refused, with the place', () => {
  it.each<[type: keyof typeof sections, place: string, path: string, value: unknown]>([
    ['BPE', 'model.vocab', 'vocab', []],
    ['BPE', 'model.vocab', 'vocab', undefined],
    ['BPE', 'model.vocab["a"]', 'vocab/a', -1],
    ['BPE', 'model.vocab["a"]', 'vocab/a', 0.5],
    ['BPE', 'model.vocab["a"]', 'vocab/a', 2 ** 21],
    ['BPE', 'model.vocab["a"]', 'vocab/a', '0'],
    ['BPE', 'model.vocab["b"]', 'vocab/b', 0],
    ['BPE', 'model.merges', 'merges', {}],
    ['BPE', 'model.merges', 'merges', LONG],
    ['BPE', 'model.merges[0]', 'merges/0', 'a c'],
    ['BPE', 'model.merges[0]', 'merges/0', 'b a'],
    ['BPE', 'model.merges[0]', 'merges/0', 'a b c'],
    ['BPE', 'model.merges[0]', 'merges/0', ' b'],
    ['BPE', 'model.merges[0]', 'merges/0', ['a', '']],
    ['BPE', 'model.merges[0]', 'merges/0', ['a', 1]],
    ['BPE', 'model.merges[1]', 'merges/1', ['a', 'b']],
    ['BPE', 'model.unk_token', 'unk_token', 1],
    ['BPE', 'model.fuse_unk', 'fuse_unk', 'yes'],
    ['BPE', 'model.byte_fallback', 'byte_fallback', 1],
    ['BPE', 'model.ignore_merges', 'ignore_merges', null],
    ['BPE', 'model.end_of_word_suffix', 'end_of_word_suffix', {}],
    ['WordPiece', 'model.vocab["a"]', 'vocab/a', 0],
    ['WordPiece', 'model.unk_token', 'unk_token', 7],
    ['WordPiece', 'model.max_input_chars_per_word', 'max_input_chars_per_word', -1],
    ['WordPiece', 'model.max_input_chars_per_word', 'max_input_chars_per_word', 1e300],
    ['WordPiece', 'model.continuing_subword_prefix', 'continuing_subword_prefix', 2],
    ['WordLevel', 'model.vocab', 'vocab', null],
    ['WordLevel', 'model.unk_token', 'unk_token', false],
    ['Unigram', 'model.vocab', 'vocab', {}],
    ['Unigram', 'model.vocab', 'vocab', LONG],
    ['Unigram', 'model.vocab[1]', 'vocab/1', 'a'],
    ['Unigram', 'model.vocab[1]', 'vocab/1', ['a', '1']],
    ['Unigram', 'model.vocab[1]', 'vocab/1', ['a', 1, 2]],
    ['Unigram', 'model.vocab[1]', 'vocab/1', ['<unk>', 1]],
    ['Unigram', 'model.unk_id', 'unk_id', 2],
    ['Unigram', 'model.unk_id', 'unk_id', '0'],
    ['Unigram', 'model.byte_fallback', 'byte_fallback', 'no'],
  ])('%s: %s (%s)', (type, place, path, value) => {
    expect(refusal(type, path, value)).toEqual({ code: 'tokenizer/bad-json', place });
  });
});

describe('what is not known is refused by name', () => {
  it.each<[type: keyof typeof sections, place: string, path: string, value: unknown]>([
    ['BPE', 'model.type', 'type', 'Morphemes'],
    ['BPE', 'model.type', 'type', 'toString'],
    ['BPE', 'model.dropout', 'dropout', 0.1],
    ['BPE', 'model.surprise', 'surprise', 1],
    ['WordPiece', 'model.merges', 'merges', []],
    ['WordLevel', 'model.surprise', 'surprise', null],
    ['Unigram', 'model.scores', 'scores', []],
  ])('%s: %s', (type, place, path, value) => {
    expect(refusal(type, path, value)).toEqual({ code: 'tokenizer/unsupported', place });
  });
});

describe('files of early versions', () => {
  it.each(Object.entries(sections))('have no type: %s', (type, { type: _, ...section }) => {
    expect(modelAt(section, 'model').toJSON()).toMatchObject({ type });
  });

  it('leave settings out', () => {
    const vocab = { '[UNK]': 0, a: 1 };
    expect(modelAt({ type: 'WordPiece', vocab }, 'model').toJSON()).toEqual(sections.WordPiece);
    expect(modelAt({ type: 'BPE', vocab: { a: 0 }, merges: [] }, 'model').toJSON()).toEqual({
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: { a: 0 },
      merges: [],
    });
  });
});

it('ids may have gaps', () => {
  const model = modelAt({ type: 'BPE', vocab: { a: 5, b: 900, ab: 7 }, merges: ['a b'] }, 'model');
  expect(model.toJSON()).toMatchObject({ vocab: { a: 5, ab: 7, b: 900 }, merges: [['a', 'b']] });
});
