import type { Json } from '@heddle/core';
import fc from 'fast-check';
import {
  type BytePattern,
  CL100K_PATTERN,
  O200K_PATTERN,
  QWEN2_PATTERN,
} from '../../src/formats/byte-level-content.js';
import { sentencePieceJson } from '../../src/formats/sentencepiece.js';
import { tiktokenJson } from '../../src/formats/tiktoken.js';
import {
  type ChatGolden,
  type EncodingGolden,
  type FormatsGolden,
  golden,
  type ModelCase,
} from '../golden.js';

import {
  oddDecoders,
  oddModels,
  oddNormalizers,
  oddPostProcessors,
  oddPreTokenizers,
} from './sections.js';

type Section = { readonly [key: string]: Json };
interface Sections {
  readonly cases: readonly { readonly section: Section }[];
}
interface Pipeline {
  readonly cases: readonly { readonly name: string; readonly tokenizer: Section }[];
  readonly decoders: readonly { readonly decoder: Section }[];
}

const { tokenizer: byteLevel, variants } = golden<EncodingGolden>('encoding.json');
const { tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');
const pipeline = golden<Pipeline>('pipeline.json');

const PATTERNS: readonly (readonly [string, BytePattern])[] = [
  ['tiktoken, GPT-2', 'gpt2'],
  ['tiktoken, cl100k', CL100K_PATTERN],
  ['tiktoken, o200k', O200K_PATTERN],
  ['tiktoken, Qwen2', QWEN2_PATTERN],
];

/** The complete tokenizers of the golden files, with their names. */
export const TOKENIZERS: ReadonlyMap<string, Section> = new Map<string, Section>([
  ...variants.map(
    ({ name, sections }) => [`byte level, ${name}`, { ...byteLevel, ...sections }] as const,
  ),
  ...pipeline.cases.map(({ name, tokenizer }) => [name, tokenizer] as const),
  ['chat', golden<ChatGolden>('chat.json').tokenizer as Section],
  ...PATTERNS.map(
    ([name, pattern]) => [name, tiktokenJson(tiktoken.file, { pattern }) as Section] as const,
  ),
  ...sentencepiece.map(
    ({ name, file }) =>
      [
        `SentencePiece, ${name}`,
        sentencePieceJson(Uint8Array.from(Buffer.from(file, 'base64'))) as Section,
      ] as const,
  ),
]);

const sectionsOf = (key: string): Json[] =>
  [...TOKENIZERS.values()].map((json) => json[key] ?? null);
const NORMALIZERS = [
  ...sectionsOf('normalizer'),
  ...golden<Sections>('normalizing.json').cases.map((each) => each.section),
];
const PRE_TOKENIZERS = [
  ...sectionsOf('pre_tokenizer'),
  ...golden<Sections>('pre-tokenizing.json').cases.map((each) => each.section),
];
const POST_PROCESSORS = sectionsOf('post_processor');
const DECODERS = [...sectionsOf('decoder'), ...pipeline.decoders.map((each) => each.decoder)];
const MODELS = [
  ...sectionsOf('model'),
  ...golden<ModelCase[]>('models.json').map((each) => each.model),
];

/** Sections that one tokenizer has where another has its own. */
export const DONORS: readonly Json[] = [
  ...NORMALIZERS,
  ...PRE_TOKENIZERS,
  ...POST_PROCESSORS,
  ...DECODERS,
];

const addedTokens = fc.uniqueArray(
  fc.record({
    content: fc.constantFrom(
      '<s>',
      '<s><s>',
      '</s>',
      ' the',
      'the',
      '\n',
      'é',
      'É',
      '😀',
      ' ',
      '▁',
      'ss',
      'ß',
      '__proto__',
      '\u0301',
      '中中',
    ),
    single_word: fc.boolean(),
    lstrip: fc.boolean(),
    rstrip: fc.boolean(),
    normalized: fc.boolean(),
    special: fc.boolean(),
  }),
  { maxLength: 6, selector: ({ content }) => content },
);

const truncation = fc.record({
  direction: fc.constantFrom('Right', 'Left'),
  max_length: fc.nat(40),
  strategy: fc.constantFrom('LongestFirst', 'OnlyFirst', 'OnlySecond'),
  stride: fc.nat(6),
});
const padding = fc.record({
  strategy: fc.oneof(fc.constant('BatchLongest'), fc.record({ Fixed: fc.nat(50) })),
  direction: fc.constantFrom('Right', 'Left'),
  pad_to_multiple_of: fc.constantFrom(null, 0, 1, 8),
  pad_id: fc.nat(3),
  pad_type_id: fc.nat(2),
  pad_token: fc.constant('[PAD]'),
});

/** One section, or several in a sequence; as in files, or odd. */
const sequence = (
  key: string,
  sections: readonly Json[],
  odd: fc.Arbitrary<Json>,
): fc.Arbitrary<Json> => {
  const one = fc.oneof(odd, fc.constantFrom(...sections.filter((section) => section !== null)));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 4, arbitrary: one },
    {
      weight: 3,
      arbitrary: fc
        .array(one, { maxLength: 3 })
        .map((steps) => ({ type: 'Sequence', [key]: steps })),
    },
  );
};

interface Assembled {
  readonly truncation: Json;
  readonly padding: Json;
  readonly added_tokens: readonly { readonly content: string }[];
  readonly normalizer: Json;
  readonly pre_tokenizer: Json;
  readonly post_processor: Json;
  readonly decoder: Json;
  readonly model: Json;
}

/** Tokenizers put together from the sections of others; a golden model is told by its place in the list of all. */
export const assembled: fc.Arbitrary<Assembled> = fc.record({
  truncation: fc.option(truncation, { freq: 1 }),
  padding: fc.option(padding, { freq: 1 }),
  added_tokens: addedTokens,
  normalizer: sequence('normalizers', NORMALIZERS, oddNormalizers),
  pre_tokenizer: sequence('pretokenizers', PRE_TOKENIZERS, oddPreTokenizers),
  post_processor: fc.oneof(
    { weight: 2, arbitrary: oddPostProcessors },
    fc.constantFrom(...POST_PROCESSORS),
  ),
  decoder: sequence('decoders', DECODERS, oddDecoders),
  model: fc.oneof({ weight: 4, arbitrary: oddModels }, fc.nat(MODELS.length - 1)),
});

export function assembledJson({ model, added_tokens, ...sections }: Assembled): Json {
  const json = typeof model === 'number' ? MODELS[model] : model;

  return {
    version: '1.0',
    added_tokens: withIds(added_tokens, json),
    ...sections,
    model: json,
  };
}

/** Tokens that the model has keep its ids, others come after. */
function withIds(tokens: readonly { content: string }[], model: Json): Json {
  const { vocab } = model as { vocab: Json };
  const entries = Array.isArray(vocab)
    ? vocab.map(([token], id) => [token, id] as const)
    : Object.entries(vocab as Section);
  const ids = new Map<string, Json>(entries);
  let next = entries.length;
  return tokens.map((token) => ({ ...token, id: ids.get(token.content) ?? next++ }));
}
