import { fold, HeddleError, permutation, rngKey, type Task } from '@heddle/core';

export interface ReversalOptions {
  /** Examples of each split. Default 1000. */
  readonly size?: number;
  /** Letters of a word. Default 5. */
  readonly length?: number;
  /** Other seeds give other words. Default 0. */
  readonly seed?: number;
}

export interface ReversalExample {
  readonly word: string;
}

const SPLITS = ['train', 'validation', 'test'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Write a word backwards. Words are drawn without repetition, so that no split has a word of another; the same
 * options give the same words on every machine.
 */
export function reversal(options: ReversalOptions = {}): Task<ReversalExample, string> {
  const { size = 1000, length = 5, seed = 0 } = options;
  checkWhole('length', length, 8);
  const all = LETTERS.length ** length;
  checkWhole('size', size, Math.floor(all / SPLITS.length));
  const shuffled = permutation(fold(rngKey(seed), 'reversal'), all);
  return {
    name: 'part-name',
    async *examples(split) {
      const first = splitNumber(split) * size;
      for (let i = first; i < first + size; i++) yield { word: wordOf(shuffled(i), length) };
    },
    expected: ({ word }) => Array.from(word).reverse().join(''),
  };
}

/** The word whose letters are the digits of `number` to the base of the alphabet. */
function wordOf(number: number, length: number): string {
  let word = '';
  for (let rest = number; word.length < length; rest = Math.floor(rest / LETTERS.length)) {
    word += LETTERS[rest % LETTERS.length];
  }
  return word;
}

function splitNumber(split: string): number {
  const number = SPLITS.indexOf(split);
  if (number >= 0) return number;
  const message = `reversal: there is no split "${split}"; there are ${SPLITS.join(', ')}.`;
  throw new HeddleError('invalid-argument', message, { argument: 'split', given: split });
}

function checkWhole(argument: string, given: number, most: number): void {
  if (Number.isSafeInteger(given) && given >= 1 && given <= most) return;
  const message = `reversal: ${argument} cannot be ${given}; it must be a whole number from 1 to ${most}.`;
  throw new HeddleError('invalid-argument', message, { argument, given: String(given) });
}
