import { tokenizerSuite } from '@heddle/testkit';
import { describe, it } from 'vitest';
import { tokenizerFromJson, trainBpe } from '../src/index.js';
import { type EncodingGolden, golden } from './golden.js';

const runner = { describe, it };
const { tokenizer: json, strings, variants } = golden<EncodingGolden>('encoding.json');

describe('trained', () => {
  tokenizerSuite({
    runner,
    create: () =>
      trainBpe(strings, { vocabSize: 400, specialTokens: ['<|endoftext|>', '<|pad|>'] }),
    texts: strings,
    specialTokens: ['<|endoftext|>', '<|pad|>'],
    fromJson: tokenizerFromJson,
  });
});

describe('read, cl100k pattern, added tokens', () => {
  const sections = variants.find(({ name }) => name === 'cl100k')?.sections;
  tokenizerSuite({
    runner,
    create: () => tokenizerFromJson({ ...json, ...sections }),
    specialTokens: ['<|endoftext|>', '<|pad|>', '<|end|>'],
    fromJson: tokenizerFromJson,
  });
});

describe('read, prefix space', () => {
  const ours = golden<EncodingGolden['tokenizer']>('our-tokenizer.json');
  const prefixed = {
    ...ours,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
  };
  const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
  tokenizerSuite({
    runner,
    create: () => tokenizerFromJson(prefixed),
    roundTrip: (text) => (/^$|^ /.test(text) ? wellFormed(text) : ` ${wellFormed(text)}`),
    fromJson: tokenizerFromJson,
  });
});
