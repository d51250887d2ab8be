import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamDecoder, tokenizerFromJson } from '../src/index.js';
import { type EncodingGolden, golden } from './golden.js';
import { plainlyMerged } from './plain-merging.js';

const { tokenizer: json } = golden<EncodingGolden>('encoding.json');
const tokenizer = tokenizerFromJson(json);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ maxLength: 200 }),
);

describe('for any text', () => {
  it('offsets cover the text from left to right', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids, offsets } = tokenizer.encode(text, { offsets: true });
        let end = 0;
        for (let i = 0; i < ids.length; i++) {
          const start = (offsets as Int32Array)[2 * i];
          // Tokens that share a character overlap in it; nothing is left out.
          expect(start).toBeLessThanOrEqual(end);
          end = (offsets as Int32Array)[2 * i + 1];
        }
        expect(end).toBe(text.length);
      }),
      { numRuns: 1000, seed: 3 },
    );
  });

  it('merging is the plain search for the lowest rank, however long the piece', () => {
    const ranks = new Map(
      (json.model as unknown as { merges: [string, string][] }).merges.map((merge, rank) => [
        merge.join(' '),
        rank,
      ]),
    );
    const plain = (text: string): string[] =>
      plainlyMerged([...text], (left, right) => ranks.get(`${left} ${right}`));
    const word = fc
      .array(fc.constantFrom('a', 'b', 'the', 'ab', 'in', 'g', 'e', 'd', 'st', 'aaaa'), {
        minLength: 1,
        maxLength: 300,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(word, (text) => {
        const tokens = [...tokenizer.encode(text).ids].map((id) => tokenizer.tokenOf(id));
        expect(tokens).toEqual(plain(text));
      }),
      { numRuns: 500, seed: 4 },
    );
  });
});

describe('streamDecoder', () => {
  it('never gives half a character', () => {
    const emoji = fc.array(fc.constantFrom('👩‍👩‍👧‍👦', '😀', '中', 'é', 'x', ' '), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(emoji, (parts) => {
        const text = parts.join('');
        const stream = streamDecoder(tokenizer);
        for (const id of tokenizer.encode(text).ids) {
          expect(stream.push(id)).not.toMatch(/\ufffd|\p{Surrogate}/u);
        }
        expect(stream.end()).toBe('');
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  it('gives a whole character as soon as its last byte is there', () => {
    const stream = streamDecoder(tokenizer);
    const bytes = [0xf0, 0x90, 0x8d, 0x88].map((byte) => {
      const char = byte < 0xa0 ? String.fromCharCode(0x122 + byte - 0x80) : undefined;
      return tokenizer.idOf(char ?? String.fromCharCode(byte)) as number;
    });
    expect(bytes.map((id) => stream.push(id))).toEqual(['', '', '', '𐍈']);
    expect(stream.push(bytes[0])).toBe('');
    expect(stream.end()).toBe('\ufffd');
    expect(stream.push(tokenizer.idOf('a') as number)).toBe('a');
  });
});
