import { accuracy, evaluate } from '@heddle/eval';
import { expect, it } from 'vitest';
import { type ReversalExample, type ReversalOptions, reversal } from '../src/index.js';

async function words(options: ReversalOptions, split: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { word } of reversal(options).examples(split)) found.push(word);
  return found;
}

it('wants words backwards', () => {
  expect(reversal().expected({ word: 'abcde' })).toBe('edcba');
});

it('has as many words as asked for, of the length asked for', async () => {
  const found = await words({ size: 50, length: 4 }, 'train');
  expect(found).toHaveLength(50);
  for (const word of found) expect(word).toMatch(/^[a-z]{4}$/);
});

it('never has a word in two splits, or twice', async () => {
  const options = { size: 225, length: 2 }; // nearly all words there are
  const splits = ['train', 'validation', 'test'];
  const found = await Promise.all(splits.map((split) => words(options, split)));
  expect(new Set(found.flat()).size).toBe(3 * 225);
});

it('is the same each time, and another for another seed', async () => {
  const first = await words({ size: 20 }, 'test');
  expect(await words({ size: 20 }, 'test')).toEqual(first);
  expect(await words({ size: 20, seed: 1 }, 'test')).not.toEqual(first);
});

it('can be evaluated: 1 for who knows it, about nothing for who repeats the word', async () => {
  const task = reversal({ size: 200 });
  const score = async (answer: (example: ReversalExample) => string): Promise<number> => {
    const { estimates } = await evaluate({
      task,
      answer: (examples) => examples.map(answer),
      metrics: [accuracy()],
    });
    return estimates.accuracy.value;
  };
  expect(await score(task.expected)).toBe(1);
  expect(await score(({ word }) => word)).toBeLessThan(0.05);
});

it('refuses what it cannot give', async () => {
  await expect(words({}, 'tset')).rejects.toThrow(/no split "tset"; there are train/);
  expect(() => reversal({ length: 0 })).toThrow(/length cannot be 0/);
  expect(() => reversal({ length: 1, size: 9 })).toThrow(/size cannot be 9; .* from 1 to 8/);
});
