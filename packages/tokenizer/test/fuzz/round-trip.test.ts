import type { Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { streamDecoder } from '../../src/stream-decoder.js';
import type { TextTokenizer } from '../../src/tokenizer.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { trainBpe } from '../../src/train/train-bpe.js';
import { attempt, fuzz } from './fuzz.js';
import { patternTexts } from './mutations.js';
import { oddDecoders } from './sections.js';
import { anyTexts, unicodeTexts, wellFormed } from './texts.js';
import { TOKENIZERS } from './tokenizers.js';

/** Those that have a token for every byte, and leave the text as it is. */
const BYTE_LEVEL: ReadonlyMap<string, TextTokenizer> = new Map(
  [
    ...[
      'byte level, plain',
      'byte level, cl100k',
      'byte level, cl100k inverted',
      'byte level, qwen2',
    ],
    ...['chat', 'tiktoken, GPT-2', 'tiktoken, cl100k', 'tiktoken, o200k', 'tiktoken, Qwen2'],
  ].map((name) => [name, tokenizerFromJson(TOKENIZERS.get(name))]),
);

function expectRoundTrip(tokenizer: TextTokenizer, text: string, parseSpecialTokens = false): void {
  const { ids } = tokenizer.encode(text, { parseSpecialTokens, addSpecialTokens: false });
  expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(wellFormed(text));
}

function expectStreamed(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  skipSpecialTokens: boolean,
): void {
  const stream = streamDecoder(tokenizer, { skipSpecialTokens });
  const text = ids.map((id) => stream.push(id)).join('') + stream.end();
  expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
}

describe('byte-level tokenizers give back any text, with U+FFFD for halves of characters', () => {
  fuzz(
    'with the patterns of models',
    4000,
    fc.tuple(fc.constantFrom(...BYTE_LEVEL.keys()), anyTexts, fc.boolean()),
    ([name, text, parse]) => expectRoundTrip(BYTE_LEVEL.get(name) as TextTokenizer, text, parse),
  );

  const cutters: fc.Arbitrary<Json> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('Split'),
        pattern: fc.oneof(
          { weight: 3, arbitrary: patternTexts.map((Regex) => ({ Regex })) },
          fc.constantFrom('', ' ', 'a', '😀', '\n').map((text) => ({ String: text })),
        ),
        behavior: fc.constantFrom('Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'),
        invert: fc.boolean(),
      }),
    },
    fc.record({ type: fc.constant('Digits'), individual_digits: fc.boolean() }),
    fc.record({ type: fc.constant('FixedLength'), length: fc.integer({ min: 1, max: 4 }) }),
    fc.record({
      type: fc.constant('Punctuation'),
      behavior: fc.constantFrom('Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'),
    }),
  );
  const { model } = TOKENIZERS.get('byte level, plain') as { model: Json };
  fuzz(
    'cut in any way',
    1000,
    fc.tuple(
      fc.array(cutters, { maxLength: 3 }),
      fc.boolean(),
      fc.array(anyTexts, { maxLength: 3 }),
    ),
    ([cuts, regex, texts]) => {
      const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: regex };
      const tokenizer = attempt(() =>
        tokenizerFromJson({
          pre_tokenizer: { type: 'Sequence', pretokenizers: [...cuts, bytes] },
          decoder: { type: 'ByteLevel' },
          model,
        }),
      );
      if (typeof tokenizer === 'string') return;
      for (const text of texts) expectRoundTrip(tokenizer, text);
    },
  );

  fuzz(
    'trained on any texts',
    60,
    fc.tuple(fc.array(unicodeTexts, { maxLength: 8 }), fc.nat(200), anyTexts),
    async ([corpus, merges, probe]) => {
      if (corpus.every((text) => text === '')) return; // an empty corpus is refused
      const trained = await trainBpe(corpus, {
        vocabSize: 257 + merges,
        minFrequency: 1,
        specialTokens: ['<|end|>'],
      });
      expect(trained.vocabSize).toBeLessThanOrEqual(257 + merges);
      const again = tokenizerFromJson(JSON.parse(JSON.stringify(trained.toJSON())));
      for (const text of [...corpus, probe]) {
        expectRoundTrip(trained, text);
        expect([...again.encode(text).ids]).toEqual([...trained.encode(text).ids]);
      }
    },
  );
});

describe('a stream of ids', () => {
  const ids = fc.array(fc.nat(1 << 20), { maxLength: 60 });
  fuzz(
    'gives in parts what decode gives at once',
    2000,
    fc.tuple(fc.constantFrom(...BYTE_LEVEL.keys()), ids, fc.boolean()),
    ([name, numbers, skipSpecialTokens]) => {
      const tokenizer = BYTE_LEVEL.get(name) as TextTokenizer;
      const known = numbers
        .map((number) => number % tokenizer.vocabSize)
        .filter((id) => tokenizer.tokenOf(id) !== undefined);
      expectStreamed(tokenizer, known, skipSpecialTokens);
    },
  );

  const vocabulary = [
    '▁',
    '▁the',
    'a',
    '##b',
    'a</w>',
    '.',
    "n't",
    '|',
    'Ã',
    '©',
    '中',
    '\ufffd',
    '<0xC3>',
    '<0xA9>',
    '<s>',
  ];
  const everywhere = oddDecoders.filter(
    (decoder) => (decoder as { type: string }).type !== 'BPEDecoder',
  );
  fuzz(
    'whatever the decoder is',
    1000,
    fc.tuple(everywhere, ids, fc.boolean()),
    ([decoder, numbers, skipSpecialTokens]) => {
      const tokenizer = attempt(() =>
        tokenizerFromJson({
          decoder,
          added_tokens: [{ id: vocabulary.indexOf('<s>'), content: '<s>', special: true }],
          model: {
            type: 'WordLevel',
            vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
            unk_token: '.',
          },
        }),
      );
      if (typeof tokenizer === 'string') return;
      expectStreamed(
        tokenizer,
        numbers.map((number) => number % tokenizer.vocabSize),
        skipSpecialTokens,
      );
    },
  );
});
