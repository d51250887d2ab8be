import { IdList } from '../id-list.js';
import type { Words } from './words.js';

/** Words as numbers: the characters of all words one after the other, without those that are too rare. */
export interface CharacterText {
  /** By number, the most frequent first; in all words together no character is left out of these. */
  readonly characters: readonly string[];
  /** By position: the number of the character that stands there. */
  readonly text: Int32Array;
  /** By word: where it ends in `text`, and how often it stands in the corpus. */
  readonly ends: Int32Array;
  readonly counts: Float64Array;
}

/**
 * Numbers the characters. The rarest, those beyond `coverage` of the corpus, are left out: a word is cut where one
 * stood, since no token reaches over it.
 */
export function characterText(words: Words, coverage: number): CharacterText {
  const characters = coveredCharacters(words, coverage);
  const numbers = new Map(characters.map((char, number) => [char, number]));
  const text = new IdList(words.texts.length * 8);
  const ends = new IdList(words.texts.length);
  const counts: number[] = [];
  const endWord = (count: number): void => {
    if (text.length === (ends.length === 0 ? 0 : ends.data[ends.length - 1])) return;
    ends.push(text.length);
    counts.push(count);
  };
  for (const [i, word] of words.texts.entries()) {
    for (const char of word) {
      const number = numbers.get(char);
      if (number === undefined) endWord(words.counts[i]);
      else text.push(number);
    }
    endWord(words.counts[i]);
  }
  return {
    characters,
    text: text.toArray(),
    ends: ends.toArray(),
    counts: Float64Array.from(counts),
  };
}

function coveredCharacters(words: Words, coverage: number): string[] {
  const frequencies = new Map<string, number>();
  let total = 0;
  for (const [i, text] of words.texts.entries()) {
    const count = words.counts[i];
    for (const char of text) {
      frequencies.set(char, (frequencies.get(char) ?? 0) + count);
      total += count;
    }
  }
  const ordered = [...frequencies].sort(
    (a, b) => b[1] - a[1] || (a[0].codePointAt(0) as number) - (b[0].codePointAt(0) as number),
  );
  const characters: string[] = [];
  let covered = 0;
  for (const [char, count] of ordered) {
    if (covered / total >= coverage) break;
    covered += count;
    characters.push(char);
  }
  return characters;
}
