import { HeddleError } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextEncoding } from '../../src/encoding.js';
import type { Padding } from '../../src/padding.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import type { Truncation } from '../../src/truncation.js';
import { fuzz } from './fuzz.js';

/** Every letter is a token, so that offsets tell which of a text's tokens are there. */
const model = { type: 'BPE', vocab: { x: 0, '<s>': 1, '<pad>': 2 }, merges: [] };
const special = (typeId: number): object => ({ SpecialToken: { id: '<s>', type_id: typeId } });
const sequence = (id: 'A' | 'B', typeId: number): object => ({ Sequence: { id, type_id: typeId } });
const withTemplate = (single: readonly object[], pair: readonly object[]) =>
  tokenizerFromJson({
    model,
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair,
      special_tokens: { '<s>': { id: '<s>', ids: [1, 1], tokens: ['<s>', '<s>'] } },
    },
  });
const tokenizer = withTemplate(
  [sequence('A', 3), special(0)],
  [special(0), sequence('B', 4), special(0), sequence('A', 3)],
);

const truncation: fc.Arbitrary<Truncation> = fc.record(
  {
    maxLength: fc.nat(14),
    strategy: fc.constantFrom('longest-first', 'only-first', 'only-second'),
    stride: fc.nat(4),
    direction: fc.constantFrom('right', 'left'),
  },
  { requiredKeys: ['maxLength'] },
);
const padding: fc.Arbitrary<Padding> = fc.record(
  {
    length: fc.oneof(fc.constant('longest' as const), fc.nat(20)),
    padId: fc.constant(2),
    padTypeId: fc.nat(255),
    multipleOf: fc.nat(5),
    direction: fc.constantFrom('right', 'left'),
  },
  { requiredKeys: ['length', 'padId'] },
);
const lengths = fc.nat(16);
const letters = (length: number): string => 'x'.repeat(length);

const windowsOf = (encoding: TextEncoding): TextEncoding[] => [
  encoding,
  ...(encoding.overflow ?? []),
];

/** Which tokens of the text with this type are in an encoding: their places in it. */
function places({ offsets, typeIds, specialTokensMask }: TextEncoding, type: number): number[] {
  const found: number[] = [];
  typeIds?.forEach((own, i) => {
    if (own === type && specialTokensMask?.[i] === 0) found.push((offsets as Int32Array)[2 * i]);
  });
  return found;
}

describe('truncation', () => {
  fuzz(
    'keeps to its length, and its windows hold every token',
    1500,
    fc.tuple(lengths, fc.option(lengths), truncation, fc.boolean()),
    ([first, second, cut, addSpecialTokens]) => {
      const pair = second === null ? undefined : letters(second);
      const options = { truncation: cut, addSpecialTokens, masks: true, offsets: true, pair };
      let encoding: TextEncoding;
      try {
        encoding = tokenizer.encode(letters(first), options);
      } catch (error) {
        expect(HeddleError.is(error, 'invalid-argument')).toBe(true);
        return;
      }
      const windows = windowsOf(encoding);
      expect(encoding.ids.length).toBeLessThanOrEqual(cut.maxLength);
      for (const [type, length] of [
        [3, first],
        [4, second ?? 0],
      ]) {
        const all = windows.map((window) => places(window, type));
        // Where nothing of a text may stay, all of it is one window, as for Hugging Face's library.
        const most = all[0].length > 0 ? all[0].length : length;
        for (const each of all) {
          expect(each.length).toBeLessThanOrEqual(most);
          expect(each).toEqual(each.map((_, i) => each[0] + i));
        }
        expect(new Set(all.flat()).size).toBe(length);
      }
    },
  );

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])('by %d is refused', (number) => {
    for (const cut of [{ maxLength: number }, { maxLength: 4, stride: number }]) {
      expect(() => tokenizer.encode('xxxxxxxx', { truncation: cut })).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    }
  });
});

describe('padding', () => {
  fuzz(
    'makes all of a batch as long as the longest, and is masked',
    1500,
    fc.tuple(fc.array(lengths, { minLength: 1, maxLength: 4 }), fc.option(truncation), padding),
    ([batch, cut, fill]) => {
      const options = { masks: true, offsets: true, truncation: cut ?? (false as const) };
      const texts = batch.map(letters);
      let plain: TextEncoding[];
      try {
        plain = tokenizer.encodeBatch(texts, options);
      } catch (error) {
        expect(HeddleError.is(error, 'invalid-argument')).toBe(true);
        return;
      }
      const filled = tokenizer.encodeBatch(texts, { ...options, padding: fill });
      const longest = Math.max(...plain.map(({ ids }) => ids.length));
      const wanted = fill.length === 'longest' ? longest : fill.length;
      const { multipleOf: multiple = 0, direction = 'right' } = fill;
      const length = multiple === 0 ? wanted : Math.ceil(wanted / multiple) * multiple;
      for (const [i, encoding] of filled.entries()) {
        for (const [k, window] of windowsOf(encoding).entries()) {
          const before = windowsOf(plain[i])[k];
          const size = Math.max(length, before.ids.length);
          const at = direction === 'right' ? 0 : size - before.ids.length;
          const end = at + before.ids.length;
          expect([...window.ids.subarray(at, end)]).toEqual([...before.ids]);
          expect([...(window.offsets as Int32Array).subarray(2 * at, 2 * end)]).toEqual([
            ...(before.offsets as Int32Array),
          ]);
          expect([...(window.typeIds as Uint8Array).subarray(at, end)]).toEqual([
            ...(before.typeIds as Uint8Array),
          ]);
          expect(window.ids.length).toBe(size);
          window.attentionMask?.forEach((on, place) => {
            expect(on).toBe(place >= at && place < end ? 1 : 0);
            if (on === 1) return;
            expect(window.ids[place]).toBe(2);
            expect(window.typeIds?.[place]).toBe(fill.padTypeId ?? 0);
            expect(window.specialTokensMask?.[place]).toBe(1);
          });
        }
      }
    },
  );

  it.each([Number.NaN, -1, 1.5, 2 ** 40])('by %d is refused', (number) => {
    for (const fill of [{ length: number }, { length: 4, multipleOf: number }]) {
      expect(() => tokenizer.encode('x', { padding: { padId: 2, ...fill } })).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    }
  });
});

it('encodeInto writes what encode gives, whichever texts a template names', () => {
  for (const single of [[sequence('B', 0)], [sequence('A', 0), special(0), sequence('A', 1)], []]) {
    const odd = withTemplate(single, []);
    const { ids } = odd.encode('xx');
    const out = new Int32Array(10);
    expect([...out.subarray(0, odd.encodeInto('xx', out))]).toEqual([...ids]);
  }
});
