import type { Json } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { addedToken, template } from '../src/formats/content.js';
import {
  bertJson,
  toBertVocab,
  toGpt2Files,
  toSentencePiece,
  toTiktoken,
} from '../src/formats/index.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { golden } from './golden.js';
import {
  byteLevel,
  type Content,
  changed,
  changedModel,
  characterBpe,
  refusal,
  unigram,
  vocabOf,
  type Write,
} from './writable-content.js';

describe('what a format cannot hold is refused by name', () => {
  const bytes = byteLevel([['a', 'b']]);
  const characters = characterBpe([['a', 'b']]);
  const bert = bertJson('[UNK]\n[CLS]\n[SEP]\na\n');
  const word = unigram([['a', -1]]);
  const byteLevelStep = (options: Content): Json => ({
    type: 'ByteLevel',
    add_prefix_space: false,
    trim_offsets: true,
    use_regex: true,
    ...options,
  });
  const around = template([{ id: 0, content: '!' }], []);
  const text = addedToken(500, '<x>', false);
  const padding = {
    strategy: 'BatchLongest',
    direction: 'Right',
    pad_to_multiple_of: null,
    pad_id: 0,
    pad_type_id: 0,
    pad_token: '!',
  };

  it.each<[place: string, reason: string, write: Write, tokenizer: { toJSON(): Json }]>([
    ['model.type', 'it is WordPiece, not BPE', toTiktoken, changed(bert, {})],
    ['model.type', 'it is WordPiece, not BPE', toGpt2Files, changed(bert, {})],
    ['model.type', 'it is BPE, not WordPiece', toBertVocab, changed(bytes, {})],
    ['model.type', 'it is WordPiece, not Unigram or BPE', toSentencePiece, changed(bert, {})],
    ['padding', 'ids would be cut or filled up', toTiktoken, changed(bytes, { padding })],
    [
      'added_tokens[0]',
      '"<x>" is read in every text, and no special token',
      toGpt2Files,
      changed(bytes, { added_tokens: [text] }),
    ],
    [
      'added_tokens[0]',
      '"<x>" takes the white space beside it along',
      toTiktoken,
      changed(bytes, { added_tokens: [{ ...text, special: true, lstrip: true }] }),
    ],
    [
      'added_tokens[0]',
      '"<x>" is not found inside of a word',
      toTiktoken,
      changed(bytes, { added_tokens: [{ ...text, special: true, single_word: true }] }),
    ],
    [
      'added_tokens[0]',
      '"<x>" is looked for in the normalized text',
      toGpt2Files,
      changed(bytes, {
        normalizer: { type: 'NFC' },
        added_tokens: [{ ...text, special: true, normalized: true }],
      }),
    ],
    [
      'post_processor',
      'it puts special tokens around a text',
      toTiktoken,
      changed(bytes, { post_processor: around }),
    ],
    ['normalizer', 'there is one', toTiktoken, changed(bytes, { normalizer: { type: 'NFC' } })],
    [
      'pre_tokenizer',
      'add_prefix_space is true',
      toTiktoken,
      changed(bytes, { pre_tokenizer: byteLevelStep({ add_prefix_space: true }) }),
    ],
    [
      'pre_tokenizer',
      'it does not cut a text by a pattern',
      toTiktoken,
      changed(bytes, { pre_tokenizer: byteLevelStep({ use_regex: false }) }),
    ],
    [
      'pre_tokenizer',
      'it does not cut a text by one pattern alone',
      toGpt2Files,
      changed(bytes, {
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [{ type: 'Digits' }, byteLevelStep({ use_regex: false })],
        },
      }),
    ],
    ['pre_tokenizer', 'it makes no bytes of a text', toTiktoken, changed(characters, {})],
    [
      'model.vocab',
      '"ご" is not made of bytes',
      toTiktoken,
      changedModel(bytes, { vocab: { ...vocabOf(bytes), ご: 257 } }),
    ],
    [
      'model.merges[1]',
      '"a" and "b" stand behind merges that come later there',
      toTiktoken,
      changedModel(
        byteLevel([
          ['a', 'b'],
          ['ab', 'c'],
          ['x', 'y'],
        ]),
        {
          merges: [
            ['x', 'y'],
            ['a', 'b'],
            ['ab', 'c'],
          ],
        },
      ),
    ],
    [
      'model.merges',
      '"a" and "b" are merged there, and are no merge of it',
      toTiktoken,
      changedModel(bytes, { merges: [] }),
    ],
    [
      'model.ignore_merges',
      'it is false, and the merges do not make the token "xyz"',
      toTiktoken,
      changedModel(bytes, { vocab: { ...vocabOf(bytes), xyz: 257 } }),
    ],
    [
      'model.ignore_merges',
      'it is true, and the merges do not make the token "abc"',
      toGpt2Files,
      changedModel(bytes, { ignore_merges: true, vocab: { ...vocabOf(bytes), abc: 257 } }),
    ],
    [
      'normalizer',
      'it is Lowercase, not NFC alone',
      toGpt2Files,
      changed(bytes, { normalizer: { type: 'Lowercase' } }),
    ],
    [
      'added_tokens',
      '"<x>" has the id 500, and would get 257',
      toGpt2Files,
      changed(bytes, { added_tokens: [{ ...text, special: true }] }),
    ],
    [
      'model.merges[1]',
      'a token has a space or a line end',
      toGpt2Files,
      changedModel(bytes, {
        vocab: { ...vocabOf(bytes), ' ': 257, ' a': 258 },
        merges: [
          ['a', 'b'],
          [' ', 'a'],
        ],
      }),
    ],
    [
      'normalizer',
      'it is not the BertNormalizer alone',
      toBertVocab,
      changed(bert, { normalizer: { type: 'Lowercase' } }),
    ],
    [
      'pre_tokenizer',
      'it is not the BertPreTokenizer alone',
      toBertVocab,
      changed(bert, { pre_tokenizer: { type: 'Whitespace' } }),
    ],
    [
      'post_processor',
      'it does not put [CLS] and [SEP] around a text as BERT does',
      toBertVocab,
      changed(bert, { post_processor: null }),
    ],
    [
      'added_tokens',
      "they are others than those of BERT's that are in the vocabulary",
      toBertVocab,
      changed(bert, { added_tokens: [] }),
    ],
    [
      'model.max_input_chars_per_word',
      'it is 99, not 100',
      toBertVocab,
      changedModel(bert, { max_input_chars_per_word: 99 }),
    ],
    [
      'model.vocab',
      'there is no token [SEP]',
      toBertVocab,
      changed(
        {
          ...(bert as Content),
          model: { ...((bert as Content).model as Content), vocab: { '[UNK]': 0, '[CLS]': 1 } },
        },
        { added_tokens: [], post_processor: null },
      ),
    ],
    [
      'model.vocab',
      '"a\\nb" is empty, or has a line end',
      toBertVocab,
      changedModel(bert, { vocab: { ...vocabOf(bert), 'a\nb': 4 } }),
    ],
    [
      'model.vocab',
      'no token has the id 4',
      toBertVocab,
      changed(
        {
          ...(bert as Content),
          model: { ...((bert as Content).model as Content), vocab: { ...vocabOf(bert), b: 5 } },
        },
        {
          added_tokens: [...((bert as Content).added_tokens as Json[]), addedToken(4, '[X]', true)],
        },
      ),
    ],
    [
      'model',
      'there is no unknown token, and it has to have one',
      toSentencePiece,
      changedModel(word, { unk_id: null }),
    ],
    [
      'added_tokens',
      'the unknown token "<unk>" is not among them',
      toSentencePiece,
      changed(word, { added_tokens: [] }),
    ],
    [
      'model.vocab[1]',
      'the score 1e+39 is not finite in 32 bits',
      toSentencePiece,
      changed(unigram([['a', 1e39]]), {}),
    ],
    [
      'model.vocab',
      '"a\\u0000" is empty, has a NUL, or is not Unicode text',
      toSentencePiece,
      changed(unigram([['a\0', -1]]), {}),
    ],
    [
      'model.byte_fallback',
      'the byte 0 has no token',
      toSentencePiece,
      changedModel(word, { byte_fallback: true }),
    ],
    [
      'model.fuse_unk',
      'it is false, not true',
      toSentencePiece,
      changedModel(characters, { fuse_unk: false }),
    ],
    [
      'model.end_of_word_suffix',
      'it is "</w>", not null',
      toSentencePiece,
      changedModel(characters, { end_of_word_suffix: '</w>' }),
    ],
    [
      'normalizer',
      'NFC does not change spaces alone',
      toSentencePiece,
      changed(word, { normalizer: { type: 'NFC' } }),
    ],
    [
      'normalizer',
      'it changes spaces in another way than SentencePiece',
      toSentencePiece,
      changed(word, { normalizer: { type: 'Strip', strip_left: true, strip_right: true } }),
    ],
    [
      'pre_tokenizer',
      'it does not cut a text at spaces alone',
      toSentencePiece,
      changed(word, { pre_tokenizer: { type: 'Digits', individual_digits: true } }),
    ],
    [
      'pre_tokenizer',
      'it cuts a text by a pattern',
      toSentencePiece,
      changed(word, {
        pre_tokenizer: {
          type: 'Split',
          pattern: { Regex: '[0-9]' },
          behavior: 'Isolated',
          invert: false,
        },
      }),
    ],
    [
      'pre_tokenizer',
      'it cuts out "b", which is no token',
      toSentencePiece,
      changed(word, {
        pre_tokenizer: {
          type: 'Split',
          pattern: { Regex: 'b' },
          behavior: 'Isolated',
          invert: false,
        },
      }),
    ],
    [
      'pre_tokenizer',
      'it splits words, and a token reaches over two',
      toSentencePiece,
      changed(
        unigram([
          ['▁', -1],
          ['a▁a', -1],
        ]),
        {
          pre_tokenizer: {
            type: 'Metaspace',
            replacement: '▁',
            prepend_scheme: 'never',
            split: true,
          },
        },
      ),
    ],
    ['model.vocab', 'there is no token ▁', toSentencePiece, changed(word, {})],
    [
      'added_tokens[1]',
      '"§" is not in model.vocab, and would be made of text there',
      toSentencePiece,
      changed(characters, {
        added_tokens: [addedToken(0, '<unk>', true), addedToken(6, '§', true)],
      }),
    ],
    [
      'post_processor',
      'it puts more than one special token before or behind a text',
      toSentencePiece,
      changed(
        unigram([
          ['▁', -1],
          ['<s>', 0],
        ]),
        {
          added_tokens: [addedToken(0, '<unk>', true), addedToken(2, '<s>', true)],
          post_processor: template(
            [
              { id: 2, content: '<s>' },
              { id: 2, content: '<s>' },
            ],
            [],
          ),
        },
      ),
    ],
    [
      'post_processor',
      'the token 1 is no special one',
      toSentencePiece,
      changed(unigram([['▁', -1]]), { post_processor: template([], [{ id: 1, content: '▁' }]) }),
    ],
  ])('%s: %s', (place, reason, write, tokenizer) => {
    expect(() => tokenizerFromJson(tokenizer.toJSON())).not.toThrow();
    const error = refusal(() => write(tokenizer));
    expect([error.details.place, error.details.reason]).toEqual([place, reason]);
    expect(error.message).toContain(`cannot hold ${place} of this tokenizer: ${reason}.`);
  });
});

describe('tokenizers of all kinds', () => {
  interface Pipeline {
    readonly cases: readonly {
      readonly name: string;
      readonly tokenizer: Json;
      readonly encodings: readonly { readonly text: string }[];
    }[];
  }
  const { cases } = golden<Pipeline>('pipeline.json');

  it("are refused, but for BERT's vocab.txt", () => {
    const written = cases.flatMap(({ name, tokenizer }) =>
      [toTiktoken, toGpt2Files, toBertVocab, toSentencePiece].flatMap((write) => {
        if (name === 'bert' && write === toBertVocab) return [];
        const { place } = refusal(() => write({ toJSON: () => tokenizer })).details;
        return [[name, place]];
      }),
    );
    expect(written).toHaveLength(4 * cases.length - 1);
    const places = new Map(written.map(([name, place]) => [name, place]));
    expect(places.get('padding fixed')).toBe('padding');
    expect(places.get('truncation first')).toBe('truncation');
    expect(places.get('template')).toBe('model.type');
    expect(places.get('pieces')).toBe('model.byte_fallback');
  });

  it('and that gives the same ids', () => {
    const { tokenizer, encodings } = cases.find(
      ({ name }) => name === 'bert',
    ) as Pipeline['cases'][0];
    const given = tokenizerFromJson(tokenizer);
    const { lowercase } = (tokenizer as { normalizer: { lowercase: boolean } }).normalizer;
    const read = tokenizerFromJson(bertJson(toBertVocab(given), { lowercase }));
    for (const { text } of encodings) {
      expect([text, ...read.encode(text).ids]).toEqual([text, ...given.encode(text).ids]);
    }
  });
});
