import { expect } from 'vitest';
import type { TextTokenizer } from '../../src/tokenizer.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { attempt } from './fuzz.js';

const plain = { truncation: false, padding: false } as const;

/** What holds for a text in any tokenizer: all ways to encode give the same ids, which can be decoded. */
export function expectConsistent(tokenizer: TextTokenizer, text: string): void {
  for (const parseSpecialTokens of [false, true]) {
    const options = { ...plain, parseSpecialTokens };
    const slow = attempt(() => tokenizer.encode(text, { ...options, offsets: true }));
    const fast = attempt(() => tokenizer.encode(text, options));
    if (typeof slow === 'string' || typeof fast === 'string') {
      expect(fast).toBe(slow);
      continue;
    }
    expect([...fast.ids]).toEqual([...slow.ids]);
    expectInside(slow.offsets as Int32Array, slow.ids.length, text.length);
    const out = new Int32Array(fast.ids.length + 1);
    expect(tokenizer.encodeInto(text, out, 1, options)).toBe(out.length);
    expect([...out.subarray(1)]).toEqual([...fast.ids]);
    const [again, pair] = tokenizer.encodeBatch([text, [text, text]], options);
    expect([...again.ids]).toEqual([...fast.ids]);
    expect([...pair.ids]).toEqual([...tokenizer.encode(text, { ...options, pair: text }).ids]);
    for (const skipSpecialTokens of [false, true]) {
      expect(typeof tokenizer.decode(fast.ids, { skipSpecialTokens })).toBe('string');
    }
  }
}

function expectInside(offsets: Int32Array, tokens: number, length: number): void {
  expect(offsets.length).toBe(2 * tokens);
  for (let i = 0; i < offsets.length; i += 2) {
    const inside = 0 <= offsets[i] && offsets[i] <= offsets[i + 1] && offsets[i + 1] <= length;
    if (!inside) expect([...offsets]).toBe(`offsets in a text of ${length}`);
  }
}

/** A tokenizer reads itself back from what it writes, and gives the same ids then. */
export function expectReadBack(tokenizer: TextTokenizer, texts: readonly string[]): void {
  const written = JSON.stringify(tokenizer.toJSON());
  const again = tokenizerFromJson(JSON.parse(written));
  expect(JSON.stringify(again.toJSON())).toBe(written);
  const idsOf = (each: TextTokenizer, text: string): number[] | string => {
    const encoding = attempt(() => each.encode(text));
    return typeof encoding === 'string' ? encoding : [...encoding.ids];
  };
  for (const text of texts) expect(idsOf(again, text)).toEqual(idsOf(tokenizer, text));
}
