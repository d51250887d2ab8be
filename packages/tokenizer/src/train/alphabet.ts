import type { Words } from './words.js';

export interface AlphabetOptions {
  /** Characters of the alphabet, whether the texts have them or not. */
  readonly initialAlphabet?: Iterable<string>;
  /** Characters of the alphabet at most: the most frequent ones, those of `initialAlphabet` first. Default: all. */
  readonly limitAlphabet?: number;
}

/**
 * The characters that tokens are made of, in the order of their code points, as `BpeTrainer` of Hugging Face's
 * tokenizers finds them. Of equally frequent ones those with the lowest code points stay.
 */
export function alphabetOf(words: Words, options: AlphabetOptions): string[] {
  const frequencies = new Map<string, number>();
  for (const [i, text] of words.texts.entries()) {
    const count = words.counts[i];
    for (const char of text) frequencies.set(char, (frequencies.get(char) ?? 0) + count);
  }
  for (const char of options.initialAlphabet ?? []) frequencies.set(char, Number.POSITIVE_INFINITY);
  const ordered = [...frequencies].sort((a, b) => pointOf(a[0]) - pointOf(b[0]));
  const { limitAlphabet } = options;
  if (limitAlphabet === undefined || ordered.length <= limitAlphabet) {
    return ordered.map(([char]) => char);
  }
  const frequent = ordered.toSorted((a, b) => (a[1] === b[1] ? 0 : b[1] - a[1]));
  const kept = new Set(frequent.slice(0, limitAlphabet).map(([char]) => char));
  return ordered.map(([char]) => char).filter((char) => kept.has(char));
}

function pointOf(char: string): number {
  return char.codePointAt(0) as number;
}
