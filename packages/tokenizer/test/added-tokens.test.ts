import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/tokenizer-json.js';

interface Flags {
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

/** A tokenizer with these tokens, from the id 2 on. */
const withTokens = (tokens: readonly (readonly [content: string, flags: Flags])[]) =>
  tokenizerFromJson({
    model: { type: 'WordLevel', vocab: { '?': 0, a: 1 }, unk_token: '?' },
    added_tokens: tokens.map(([content, flags], i) => ({ id: 2 + i, content, ...flags })),
  });

describe('tokens of white space, where a token before took it along, as in the library of Hugging Face', () => {
  it.each([
    [
      'one that takes what is before it is gone',
      { lstrip: true, rstrip: true },
      'a    a',
      [1, 2, 1],
      [0, 1, 1, 5, 5, 6],
    ],
    ['at both ends', { lstrip: true, rstrip: true }, '  a  ', [2, 1, 2], [0, 2, 2, 3, 3, 5]],
    ['another stands there, too', { rstrip: true }, 'a  a', [1, 2, 2, 1], [0, 1, 1, 3, 2, 3, 3, 4]],
  ])('%s', (_name, flags, text, ids, offsets) => {
    const encoding = withTokens([[' ', flags]]).encode(text, { offsets: true });
    expect([...encoding.ids]).toEqual(ids);
    expect([...(encoding.offsets ?? [])]).toEqual(offsets);
  });

  it('after a token with another content', () => {
    const tokenizer = withTokens([
      ['x', { rstrip: true }],
      [' ', { lstrip: true }],
    ]);
    expect([...tokenizer.encode('xx a').ids]).toEqual([2, 2, 1]);
  });
});
