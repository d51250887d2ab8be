import type { Cursor, Item, Tokenizer } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import {
  type ClassificationBatch,
  classificationBatches,
  type LabelledText,
  labelsOf,
} from '../src/index.js';
import { encodeTexts } from '../src/texts.js';
import { byteTokenizer, codeOf } from './parts.js';

const tokenizer = byteTokenizer();
const labels = ['even', 'odd'];
const examples: LabelledText[] = Array.from({ length: 23 }, (_, i) => ({
  text: 'x'.repeat(i + 1),
  label: labels[(i + 1) % 2],
}));
const options = { tokenizer, labels, rows: 4, maxLength: 40, seed: 3 };

async function take(
  items: AsyncIterable<Item<ClassificationBatch>>,
  count = Number.POSITIVE_INFINITY,
): Promise<Item<ClassificationBatch>[]> {
  const taken: Item<ClassificationBatch>[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}
const solo = (after?: Cursor) => ({
  rank: 0,
  worldSize: 1,
  ...(after === undefined ? {} : { after }),
});
const textsOf = (items: readonly Item<ClassificationBatch>[]): number[] =>
  items.flatMap(({ value }) => [...value.lengths]);

describe('classificationBatches', () => {
  it('goes through every example once an epoch, in another order each', async () => {
    const all = await take(classificationBatches(examples, { ...options, epochs: 2 }).read(solo()));
    expect(all).toHaveLength(12);
    const [first, second] = [textsOf(all.slice(0, 6)), textsOf(all.slice(6))];
    const sorted = examples.map(({ text }) => text.length);
    expect([...first].sort((a, b) => a - b)).toEqual(sorted);
    expect([...second].sort((a, b) => a - b)).toEqual(sorted);
    expect(first).not.toEqual(second);
    expect(first).not.toEqual(sorted);
  });

  it('pads with what is told by the lengths, and gives each text its label', async () => {
    const source = classificationBatches(examples, { ...options, epochs: 1 });
    for (const { value } of await take(source.read(solo()))) {
      expect(value.length).toBe(Math.max(...value.lengths));
      value.lengths.forEach((size, row) => {
        const ids = [...value.ids.subarray(row * value.length, (row + 1) * value.length)];
        expect(ids.slice(0, size)).toEqual(new Array(size).fill(120));
        expect(ids.slice(size)).toEqual(new Array(value.length - size).fill(0));
        expect(value.targets?.[row]).toBe(size % 2);
      });
    }
  });

  it('goes on after any cursor exactly as if it had not stopped', async () => {
    const whole = await take(classificationBatches(examples, options).read(solo()), 15);
    for (let at = 0; at < 15; at++) {
      const cursor = JSON.parse(JSON.stringify(whole[at].cursor)) as Cursor;
      const rest = await take(classificationBatches(examples, options).read(solo(cursor)), 3);
      expect(rest).toEqual(
        (await take(classificationBatches(examples, options).read(solo()), at + 4)).slice(at + 1),
      );
    }
  });

  it('goes round the ranks through the epochs, so that none is ahead', async () => {
    const source = classificationBatches(examples, { ...options, epochs: 2 });
    const ranks = await Promise.all(
      [0, 1, 2, 3].map((rank) => take(source.read({ rank, worldSize: 4 }))),
    );
    expect(ranks.map((items) => items.length)).toEqual([3, 3, 3, 3]);
    const whole = await take(source.read(solo()));
    const inTurn = whole.map((_, i) => ranks[i % 4][Math.floor(i / 4)].value);
    expect(inTurn).toEqual(whole.map(({ value }) => value));
  });

  it('keeps the order without shuffling', async () => {
    const source = classificationBatches(examples, { ...options, shuffle: false, epochs: 1 });
    expect(textsOf(await take(source.read(solo())))).toEqual(
      examples.map(({ text }) => text.length),
    );
    expect(source).toMatchObject({ examples: 23, truncated: 0, batchesPerEpoch: 6 });
  });

  it('cuts long texts and counts them', async () => {
    const source = classificationBatches(examples, { ...options, maxLength: 10, epochs: 1 });
    expect(source.truncated).toBe(13);
    expect(Math.max(...textsOf(await take(source.read(solo()))))).toBe(10);
  });

  it.each([
    ['no examples', () => classificationBatches([], options), 'finetune/no-examples'],
    [
      'an unknown label',
      () => classificationBatches([{ text: 'x', label: 'prime' }], options),
      'finetune/unknown-label',
    ],
    [
      'an empty text',
      () => classificationBatches([{ text: '', label: 'odd' }], options),
      'finetune/empty-text',
    ],
    [
      'rows of 0',
      () => classificationBatches(examples, { ...options, rows: 0 }),
      'invalid-argument',
    ],
    [
      'half an epoch',
      () => classificationBatches(examples, { ...options, epochs: 0.5 }),
      'invalid-argument',
    ],
    [
      'a length of 0',
      () => classificationBatches(examples, { ...options, maxLength: 0 }),
      'invalid-argument',
    ],
    ['one label only', () => labelsOf([{ text: 'x', label: 'odd' }]), 'finetune/missing-label'],
  ])('refuses %s', (_, act, code) => {
    expect(codeOf(act)).toBe(code);
  });

  it.each<Cursor>([null, 3, [], {}, { next: -2 }, { next: 0.5 }, { next: 3 }, { next: '2' }])(
    'refuses the cursor %j',
    async (after) => {
      const reading = take(
        classificationBatches(examples, options).read({ rank: 0, worldSize: 2, after }),
      );
      await expect(reading).rejects.toMatchObject({ code: 'invalid-argument' });
    },
  );
});

describe('truncation', () => {
  /** [CLS] bytes [SEP], as BERT. */
  const framed: Tokenizer = {
    ...tokenizer,
    encode(text, { addSpecialTokens = true } = {}) {
      const bytes = new TextEncoder().encode(text);
      return {
        ids: addSpecialTokens ? Int32Array.of(1000, ...bytes, 2000) : Int32Array.from(bytes),
      };
    },
  };

  it('keeps the special tokens around the beginning of the text', () => {
    const { ids, truncated } = encodeTexts(['abcdef', 'ab'], framed, 5);
    expect(ids.map((row) => [...row])).toEqual([
      [1000, 97, 98, 99, 2000],
      [1000, 97, 98, 2000],
    ]);
    expect(truncated).toBe(1);
  });

  it('refuses a length without room for text', () => {
    expect(codeOf(() => encodeTexts(['abc'], framed, 2))).toBe('invalid-argument');
  });

  it('a start token alone is a text', () => {
    expect([...encodeTexts([''], byteTokenizer({ start: true }), 5).ids[0]]).toEqual([256]);
  });
});
