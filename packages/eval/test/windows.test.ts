import type { Tokenizer } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultStartToken, documentWindows, tokenizeDocument } from '../src/windows.js';

/** A token a character. */
const characters: Tokenizer = {
  vocabSize: 0x110001,
  encode(text, { offsets = false } = {}) {
    const points = [...text];
    const starts = points.map((_, i) => points.slice(0, i).join('').length);
    const spans = points.flatMap((point, i) => [starts[i], starts[i] + point.length]);
    const ids = Int32Array.from(points, (point) => point.codePointAt(0)!);
    return offsets ? { ids, offsets: Int32Array.from(spans) } : { ids };
  },
  decode: (ids) => String.fromCodePoint(...Array.from(ids)),
  idOf: (token) => (token === '<s>' ? 0x110000 : undefined),
  tokenOf: (id) => String.fromCodePoint(id),
  toJSON: () => null,
};

describe('documentWindows', () => {
  it('scores each token but the first once, after the tokens before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 50 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(),
        (size, length, s) => {
          const stride = 1 + (s % length);
          const ids = Int32Array.from({ length: size }, (_, i) => i);
          const scored: number[] = [];
          for (const window of documentWindows(4, ids, length, stride)) {
            expect(window.document).toBe(4);
            expect(window.ids.length).toBeLessThanOrEqual(length);
            window.targets.forEach((target, i) => {
              if (target === -100) return;
              expect(target).toBe(window.ids[i] + 1);
              scored.push(target);
            });
          }
          expect(scored).toEqual([...ids.subarray(1)]);
        },
      ),
    );
  });

  it('a smaller stride gives every token after the first window at least length - stride tokens before it', () => {
    const ids = Int32Array.from({ length: 40 }, (_, i) => i);
    for (const { ids: seen, targets } of [...documentWindows(0, ids, 8, 2)].slice(1)) {
      const first = targets.findIndex((target) => target !== -100);
      expect(first).toBeGreaterThanOrEqual(6);
      expect(seen[0]).toBe(targets[first] - first - 1);
    }
  });
});

describe('tokenizeDocument', () => {
  it('counts the bytes of the scored tokens', () => {
    expect(tokenizeDocument('é日a', characters, 7)).toEqual({
      ids: Int32Array.of(7, 0xe9, 0x65e5, 0x61),
      bytes: 6,
    });
    expect(tokenizeDocument('é日a', characters, undefined).bytes).toBe(4);
    expect(tokenizeDocument('', characters, undefined)).toEqual({
      ids: new Int32Array(),
      bytes: 0,
    });
  });

  it('takes a document of millions of tokens', () => {
    const ids = new Int32Array(3_000_000).fill(5);
    const long: Tokenizer = { ...characters, encode: () => ({ ids }) };
    const tokenized = tokenizeDocument('', long, 7);
    expect(tokenized.ids.length).toBe(3_000_001);
    expect([...tokenized.ids.subarray(0, 3)]).toEqual([7, 5, 5]);
  });

  it('finds the usual start token', () => {
    expect(defaultStartToken(characters)).toBe(0x110000);
    expect(defaultStartToken({ ...characters, idOf: () => undefined })).toBeUndefined();
  });
});
