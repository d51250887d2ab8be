import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/tokenizer-json.js';

const model = { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' };
const replacements = (count: number): object[] =>
  Array.from({ length: count }, () => ({
    type: 'Replace',
    pattern: { String: 'a' },
    content: 'a'.repeat(10),
  }));

describe('replacements of replacements', () => {
  it('of a normalizer end with an error, not with the memory', () => {
    const normalizer = { type: 'Sequence', normalizers: replacements(20) };
    const tokenizer = tokenizerFromJson({ model, normalizer });
    expect(() => tokenizer.encode('a')).toThrow(/normalizer: makes more than 100 times as much/);
    const added_tokens = [{ id: 1, content: 'ba' }];
    expect(() => tokenizerFromJson({ model, normalizer, added_tokens })).toThrow(
      /normalizer: makes/,
    );
  });

  it('of a decoder end with an error, too', () => {
    const decoder = { type: 'Sequence', decoders: replacements(20) };
    expect(() => tokenizerFromJson({ model, decoder }).decode([0])).toThrow(/decoder: makes/);
    const twice = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
    const doubled = { type: 'Sequence', decoders: Array.from({ length: 40 }, () => twice) };
    expect(() => tokenizerFromJson({ model, decoder: doubled }).decode([0])).toThrow(/decoder: m/);
  });

  it('may make a long text longer', () => {
    const normalizer = { type: 'Sequence', normalizers: replacements(2) };
    const text = 'a'.repeat(50_000);
    const { ids, offsets } = tokenizerFromJson({ model, normalizer }).encode(text, {
      offsets: true,
    });
    expect([...ids, ...(offsets ?? [])]).toEqual([0, 0, 50_000]);
  });
});
