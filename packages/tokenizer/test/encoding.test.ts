import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/index.js';
import { type EncodingGolden, golden, type OurTokenizerCase } from './golden.js';

const { tokenizer: json, strings, special, variants } = golden<EncodingGolden>('encoding.json');

describe('ids and offsets of Hugging Face', () => {
  it.each(variants)('$name', ({ sections, asText, parsed }) => {
    const tokenizer = tokenizerFromJson({ ...json, ...sections });
    for (const [i, text] of strings.entries()) {
      const { ids, offsets } = tokenizer.encode(text, { offsets: true });
      expect([text, [...ids]]).toEqual([text, asText[i].ids]);
      expect([text, [...(offsets ?? [])]]).toEqual([text, asText[i].offsets]);
      expect(tokenizer.encode(text)).toEqual({ ids });
    }
    for (const [i, text] of special.entries()) {
      const { ids, offsets } = tokenizer.encode(text, { offsets: true, parseSpecialTokens: true });
      expect([text, [...ids]]).toEqual([text, parsed[i].ids]);
      expect([text, [...(offsets ?? [])]]).toEqual([text, parsed[i].offsets]);
    }
  });

  it.each(variants)('$name, written and read again', ({ sections, asText }) => {
    const first = tokenizerFromJson({ ...json, ...sections });
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(first.toJSON())));
    for (const [i, text] of strings.entries()) {
      expect([...again.encode(text).ids]).toEqual(asText[i].ids);
    }
    expect(again.toJSON()).toEqual(first.toJSON());
  });
});

describe('the tokenizer.json that this package wrote', () => {
  const ours = tokenizerFromJson(golden('our-tokenizer.json'));

  it('gives Hugging Face the same ids, offsets and texts', () => {
    for (const { text, ids, offsets, decoded } of golden<OurTokenizerCase[]>(
      'our-tokenizer.ids.json',
    )) {
      const encoding = ours.encode(text, { offsets: true, parseSpecialTokens: true });
      expect([text, [...encoding.ids]]).toEqual([text, ids]);
      expect([text, [...(encoding.offsets ?? [])]]).toEqual([text, offsets]);
      expect(ours.decode(encoding.ids, { skipSpecialTokens: false })).toBe(decoded);
      expect(decoded).toBe(text);
    }
  });
});

describe('a tokenizer', () => {
  const tokenizer = tokenizerFromJson(json);

  it('knows its tokens by id and the other way', () => {
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      expect(tokenizer.idOf(tokenizer.tokenOf(id) as string)).toBe(id);
    }
    expect(tokenizer.tokenOf(tokenizer.vocabSize)).toBeUndefined();
    expect(tokenizer.tokenOf(-1)).toBeUndefined();
    expect(tokenizer.idOf('no such token')).toBeUndefined();
    expect(tokenizer.idOf('constructor')).toBeUndefined();
  });

  it('leaves special tokens out of decoded text unless told otherwise', () => {
    const { ids } = tokenizer.encode('a<|pad|>b<é>', { parseSpecialTokens: true });
    expect(tokenizer.decode(ids)).toBe('ab<é>');
    expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe('a<|pad|>b<é>');
  });

  it('encodes lone surrogates as U+FFFD', () => {
    for (const [broken, replaced] of [
      ['\ud83d', '\ufffd'],
      ['\ude00', '\ufffd'],
      ['a\ud83d b', 'a\ufffd b'],
      ['\ude00\ud83d', '\ufffd\ufffd'],
      ['x \ud83d\ud83d\ude00', 'x \ufffd😀'],
    ]) {
      const encoding = tokenizer.encode(broken, { offsets: true });
      expect(encoding).toEqual(tokenizer.encode(replaced, { offsets: true }));
      expect(tokenizer.decode(encoding.ids)).toBe(replaced);
    }
  });

  it('does not change with what it encoded before', () => {
    const fresh = tokenizerFromJson(json);
    // More different pieces than the cache holds.
    for (let i = 0; i < 70_000; i += 1000) {
      const numbers = Array.from({ length: 1000 }, (_, k) => `w${(i + k).toString(36)}`).join(' ');
      fresh.encode(numbers);
    }
    for (const text of strings) expect(fresh.encode(text)).toEqual(tokenizer.encode(text));
  });

  it('refuses ids that it does not have', () => {
    for (const id of [-1, tokenizer.vocabSize, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => tokenizer.decode([0, id])).toThrow(/ids\[1\]/);
    }
  });

  it('merges long pieces in near-linear time, as short ones', () => {
    // A quadratic search would take hours here.
    for (const unit of ['a', ' ', '=', '😀', 'ab', 'aab']) {
      const length = 400_000;
      const text = unit.repeat(length);
      const { ids } = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text);
      expect(ids.length).toBeLessThanOrEqual(length * 4);
    }
  });
});
