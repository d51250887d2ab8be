import type { Json } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { decoderAt } from '../src/decoders/read.js';
import { tokenizerFromJson } from '../src/index.js';
import { golden } from './golden.js';

/* What surrounds a model, beside Hugging Face's library: tools/golden/tokenizer/pipeline.py. */

interface Window {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
  readonly offsets: readonly number[];
}

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly tokenizer: Json;
    readonly encodings: readonly (Window & {
      readonly text: string;
      readonly pair: string | null;
      readonly addSpecialTokens: boolean;
      readonly attentionMask: readonly number[];
      readonly specialTokensMask: readonly number[];
      readonly overflow: readonly Window[];
      readonly decoded: string;
      readonly decodedAll: string;
    })[];
  }[];
  readonly decoders: readonly {
    readonly decoder: Json;
    readonly tokens: readonly string[];
    readonly text: string;
  }[];
}

const { cases, decoders } = golden<Golden>('pipeline.json');
const plain = (array: ArrayLike<number> | undefined): number[] => Array.from(array ?? []);

describe.each(cases)('$name', ({ tokenizer: json, encodings }) => {
  const tokenizer = tokenizerFromJson(json);

  it('is saved as it was read', () => {
    expect(tokenizer.toJSON()).toEqual(json);
  });

  it.each(encodings)('$text | $pair, special tokens: $addSpecialTokens', (wanted) => {
    const { text, pair, addSpecialTokens } = wanted;
    const options = {
      addSpecialTokens,
      parseSpecialTokens: true,
      offsets: true,
      codePoints: true,
      masks: true,
      ...(pair !== null && { pair }),
    };
    const got = tokenizer.encode(text, options);
    expect({
      ids: plain(got.ids),
      typeIds: plain(got.typeIds),
      offsets: plain(got.offsets),
      attentionMask: plain(got.attentionMask),
      specialTokensMask: plain(got.specialTokensMask),
    }).toEqual({
      ids: wanted.ids,
      typeIds: wanted.typeIds,
      offsets: wanted.offsets,
      attentionMask: wanted.attentionMask,
      specialTokensMask: wanted.specialTokensMask,
    });
    const windows = (got.overflow ?? []).map(({ ids, typeIds, offsets }) => ({
      ids: plain(ids),
      typeIds: plain(typeIds),
      offsets: plain(offsets),
    }));
    expect(windows).toEqual(wanted.overflow);
    expect(tokenizer.decode(got.ids)).toBe(wanted.decoded);
    expect(tokenizer.decode(got.ids, { skipSpecialTokens: false })).toBe(wanted.decodedAll);
    const fast = tokenizer.encode(text, { ...options, offsets: false });
    expect(plain(fast.ids)).toEqual(wanted.ids);
  });
});

it.each(decoders)('decoder $decoder', ({ decoder, tokens, text }) => {
  const part = decoderAt(decoder, 'decoder');
  expect(part.decodeChain(tokens).join('')).toBe(text);
  expect(part.toJSON()).toEqual(decoder);
});
