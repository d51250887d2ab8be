import { tokenizerSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { byteTokenizer, byteTokenizerFromJson, END_OF_TEXT } from '../src/index.js';

tokenizerSuite({
  runner: { describe, it },
  create: byteTokenizer,
  fromJson: byteTokenizerFromJson,
  specialTokens: [END_OF_TEXT],
  texts: ['What you train on: source code, recipes, …'],
});

it('gives the bytes of UTF-8, and an end', () => {
  expect([...byteTokenizer().encode('aé').ids]).toEqual([0x61, 0xc3, 0xa9, 256]);
  expect([...byteTokenizer().encode('a', { addSpecialTokens: false }).ids]).toEqual([0x61]);
});

it('reads special tokens in a text only where asked to', () => {
  const tokenizer = byteTokenizer();
  const text = `a${END_OF_TEXT}b`;
  expect([...tokenizer.encode(text, { parseSpecialTokens: true }).ids]).toEqual([97, 256, 98, 256]);
  expect(tokenizer.encode(text).ids).toHaveLength(text.length + 1);
});

it('refuses what is not its own', () => {
  expect(() => byteTokenizer().decode([257])).toThrow(/257 is not an id/);
  expect(() => byteTokenizer().decode([0.5])).toThrow(/0.5 is not an id/);
  expect(() => byteTokenizerFromJson({ type: 'other' })).toThrow(/not of a tokenizer of type/);
});
