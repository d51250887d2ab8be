import type { Json } from '@heddle/core';
import fc from 'fast-check';
import { patternTexts } from './mutations.js';

/*
 * Sections of a tokenizer.json with the odd options that are allowed: matches of nothing, characters of two units,
 * vocabularies without what their models look for.
 */

const CHARACTERS = ['▁', ' ', 'a', '😀', '\u0301', '\n', '\0', 'Ġ'];
const CONTENTS = [
  '',
  ' ',
  '▁',
  'a',
  'ab',
  '😀',
  '\u0301',
  '\n',
  '<s>',
  'ſ',
  '\ud800',
  'é'.repeat(40),
];
const BEHAVIORS = ['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

const character = fc.constantFrom(...CHARACTERS);
const content = fc.constantFrom(...CONTENTS);
const behavior = fc.constantFrom(...BEHAVIORS);
const type = <T extends string>(name: T): fc.Arbitrary<T> => fc.constant(name);
const pattern: fc.Arbitrary<Json> = fc.oneof(
  patternTexts.map((Regex) => ({ Regex })),
  content.map((text) => ({ String: text })),
);

export const oddNormalizers: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ type: type('Replace'), pattern, content }),
  fc.record({ type: type('Prepend'), prepend: content }),
  fc.record({ type: type('Strip'), strip_left: fc.boolean(), strip_right: fc.boolean() }),
  fc
    .constantFrom('NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'Nmt', 'StripAccents', 'ByteLevel')
    .map((name) => ({ type: name })),
  fc.record({
    type: type('BertNormalizer'),
    clean_text: fc.boolean(),
    handle_chinese_chars: fc.boolean(),
    strip_accents: fc.option(fc.boolean()),
    lowercase: fc.boolean(),
  }),
);

const metaspace = fc.record({
  type: type('Metaspace'),
  replacement: character,
  prepend_scheme: fc.constantFrom('always', 'first', 'never'),
  split: fc.boolean(),
});

export const oddPreTokenizers: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: type('Split'), pattern, behavior, invert: fc.boolean() }),
  },
  { weight: 2, arbitrary: metaspace },
  {
    weight: 2,
    arbitrary: fc.record({
      type: type('ByteLevel'),
      add_prefix_space: fc.boolean(),
      use_regex: fc.boolean(),
    }),
  },
  fc.record({ type: type('CharDelimiterSplit'), delimiter: character }),
  fc.record({ type: type('Digits'), individual_digits: fc.boolean() }),
  fc.record({ type: type('FixedLength'), length: fc.constantFrom(1, 2, 3, 1 << 20) }),
  fc.record({ type: type('Punctuation'), behavior }),
  fc
    .constantFrom('BertPreTokenizer', 'UnicodeScripts', 'Whitespace', 'WhitespaceSplit')
    .map((name) => ({ type: name })),
);

export const oddDecoders: fc.Arbitrary<Json> = fc.oneof(
  metaspace,
  fc.record({ type: type('Replace'), pattern, content }),
  fc.record({ type: type('Strip'), content: character, start: fc.nat(3), stop: fc.nat(3) }),
  fc.record({ type: type('WordPiece'), prefix: content, cleanup: fc.boolean() }),
  fc.record({ type: type('BPEDecoder'), suffix: content }),
  fc.record({
    type: type('CTC'),
    pad_token: content,
    word_delimiter_token: content,
    cleanup: fc.boolean(),
  }),
  fc.constantFrom('ByteFallback', 'ByteLevel', 'Fuse').map((name) => ({ type: name })),
);

const piece: fc.Arbitrary<Json> = fc.oneof(
  fc
    .record({ id: fc.constantFrom('A', 'B'), type_id: fc.nat(255) })
    .map((Sequence) => ({ Sequence })),
  fc
    .record({ id: fc.constantFrom('<s>', '__proto__'), type_id: fc.nat(255) })
    .map((SpecialToken) => ({ SpecialToken })),
);
const pieces = fc.array(piece, { maxLength: 4 });
const TEMPLATE_TOKENS: Json = JSON.parse(
  '{"<s>":{"id":"<s>","ids":[0,1],"tokens":["<s>","<s>"]},"__proto__":{"id":"__proto__","ids":[0],"tokens":[""]}}',
);
const named = fc.tuple(fc.constantFrom('<s>', 'a'), fc.nat(2));

export const oddPostProcessors: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: type('TemplateProcessing'),
      single: pieces,
      pair: pieces,
      special_tokens: fc.constant(TEMPLATE_TOKENS),
    }),
  },
  fc.record({
    type: type('ByteLevel'),
    add_prefix_space: fc.boolean(),
    trim_offsets: fc.boolean(),
  }),
  fc.record({ type: type('BertProcessing'), sep: named, cls: named }),
  fc.record({
    type: type('RobertaProcessing'),
    sep: named,
    cls: named,
    trim_offsets: fc.boolean(),
    add_prefix_space: fc.boolean(),
  }),
);

/** Characters of the texts, a few of the byte alphabet, and tokens that mean something to a model. */
const TOKENS = [
  ..." aAbtheéß中1½²!.-_'|▁#\t\nĠÃ©ðŁĺĢä¸Ń\u0301\ufffd",
  ...[
    '😀',
    'ſ',
    'ς',
    '<unk>',
    '[UNK]',
    '<s>',
    '__proto__',
    'hasOwnProperty',
    '',
    'th',
    'the',
    'he',
    'aa',
    'aaaa',
  ],
  ...[
    '##a',
    '##b',
    '##th',
    '##',
    'a</w>',
    '</w>',
    '▁the',
    '▁a',
    '▁▁',
    '中中',
    'é\u0301',
    '\ud800',
    'a\ud83d',
    '\ude00',
  ],
  ...['<0x41>', '<0xC3>', '<0xA9>', '<0xE4>', '<0xB8>', '<0xAD>', '<0x20>', '<0x0A>'],
];
const tokens = fc.shuffledSubarray(TOKENS, { minLength: 3 });
const vocabulary = tokens.map((all) => Object.fromEntries(all.map((token, id) => [token, id])));
const affix = fc.constantFrom(null, '', '##', '</w>', '▁', '😀', 'a');
const unknown = fc.constantFrom(null, '<unk>', '[UNK]', 'nothing');
const scores = fc.oneof(
  fc.double({ min: -20, max: 0, noNaN: true }),
  fc.constantFrom(0, 1e308, -1e308, 5, -0),
);

export const oddModels: fc.Arbitrary<Json> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .record({
        type: type('BPE'),
        vocab: vocabulary,
        order: fc.array(fc.nat(9999), { maxLength: 40 }),
        unk_token: unknown,
        continuing_subword_prefix: affix,
        end_of_word_suffix: affix,
        fuse_unk: fc.boolean(),
        byte_fallback: fc.boolean(),
        ignore_merges: fc.boolean(),
      })
      .map(({ order, ...model }) => ({ ...model, merges: mergesOf(model, order) })),
  },
  fc
    .record({
      type: type('WordPiece'),
      vocab: vocabulary,
      unk: unknown,
      prefix: affix,
      most: fc.constantFrom(0, 1, 4, 100),
    })
    .map(({ unk, prefix, most, ...model }) => ({
      ...model,
      unk_token: unk ?? '[UNK]',
      continuing_subword_prefix: prefix ?? '##',
      max_input_chars_per_word: most,
    })),
  fc
    .record({ type: type('WordLevel'), vocab: vocabulary, unk: unknown })
    .map(({ unk, ...model }) => ({ ...model, unk_token: unk ?? '<unk>' })),
  {
    weight: 2,
    arbitrary: fc
      .record({
        type: type('Unigram'),
        all: tokens,
        scores: fc.array(scores, { minLength: 1, maxLength: 8 }),
        unk_id: fc.option(fc.nat(2)),
        byte_fallback: fc.boolean(),
      })
      .map(({ all, scores: some, ...model }) => ({
        ...model,
        vocab: all.map((token, i) => [token, some[i % some.length]]),
      })),
  },
);

/** Merges that lead from tokens to tokens, those that `order` chooses. */
function mergesOf(
  model: {
    readonly vocab: Readonly<Record<string, number>>;
    readonly continuing_subword_prefix: string | null;
  },
  order: readonly number[],
): Json {
  const names = Object.keys(model.vocab).filter((token) => token !== '');
  const known = new Set(names);
  const prefix = model.continuing_subword_prefix ?? '';
  const all = names.flatMap((left) =>
    names
      .filter((right) => known.has(left + right.slice(prefix.length)))
      .map((right) => [left, right]),
  );
  if (all.length === 0) return [];
  return [...new Set(order.map((number) => number % all.length))].map((i) => all[i]);
}
