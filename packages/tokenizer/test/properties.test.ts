import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamDecoder, tokenizerFromJson, trainBpe } from '../src/index.js';
import { type EncodingGolden, golden } from './golden.js';

const { tokenizer: json } = golden<EncodingGolden>('encoding.json');
const tokenizer = tokenizerFromJson(json);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ maxLength: 200 }),
);

describe('for any text', () => {
  it('decode returns what encode took', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(text);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('of any UTF-16 units, what is no Unicode becomes U+FFFD', () => {
    const units = fc.array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7fe, max: 0xe001 })));
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(wellFormed);
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

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
    const plain = (text: string): string[] => {
      const tokens = [...text];
      for (;;) {
        let best = -1;
        let lowest = Number.POSITIVE_INFINITY;
        for (let i = 0; i + 1 < tokens.length; i++) {
          const rank = ranks.get(`${tokens[i]} ${tokens[i + 1]}`) ?? Number.POSITIVE_INFINITY;
          if (rank < lowest) {
            lowest = rank;
            best = i;
          }
        }
        if (best < 0) return tokens;
        tokens.splice(best, 2, tokens[best] + tokens[best + 1]);
      }
    };
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

describe('for any corpus', () => {
  it('a trained tokenizer reads itself back and round-trips', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyText, { maxLength: 8 }),
        fc.nat(200),
        anyText,
        async (texts, merges, probe) => {
          fc.pre(texts.some((text) => text !== '')); // an empty corpus is refused
          const trained = await trainBpe(texts, {
            vocabSize: 257 + merges,
            minFrequency: 1,
            specialTokens: ['<|end|>'],
          });
          expect(trained.vocabSize).toBeLessThanOrEqual(257 + merges);
          const again = tokenizerFromJson(JSON.parse(JSON.stringify(trained.toJSON())));
          for (const text of [...texts, probe]) {
            const { ids } = trained.encode(text);
            expect(trained.decode(ids)).toBe(text);
            expect(again.encode(text).ids).toEqual(ids);
          }
        },
      ),
      { numRuns: 60, seed: 5 },
    );
  });
});

describe('streamDecoder', () => {
  const anyIds = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 60 });

  it('gives in parts what decode gives at once, for any ids', () => {
    fc.assert(
      fc.property(anyIds, fc.boolean(), (ids, skipSpecialTokens) => {
        const stream = streamDecoder(tokenizer, { skipSpecialTokens });
        const text = ids.map((id) => stream.push(id)).join('') + stream.end();
        expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
      }),
      { numRuns: 2000, seed: 6 },
    );
  });

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
