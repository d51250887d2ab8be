import { IdList } from '../id-list.js';
import type { SymbolPieces } from './merge-learner.js';
import type { Words } from './words.js';

/** What a character is called by its place in a piece. */
export interface SymbolNames {
  /** Stands before every character but the first of a piece. */
  readonly continuingSubwordPrefix?: string;
  /** Stands behind the last character of a piece. */
  readonly endOfWordSuffix?: string;
}

/** Names of a character by place: a bit each for "not the first" and "the last". */
const PLACES = 4;
const INSIDE = 1;
const LAST = 2;

/**
 * The pieces as ids of symbols. Characters that have no id are left out. The names that prefix and suffix make
 * and that have no id yet get ids, in the order of the names: Hugging Face's trainers give those by chance.
 *
 * @param vocab ids of tokens so far, to which names are added
 */
export function symbolize(
  words: Words,
  vocab: Map<string, number>,
  { continuingSubwordPrefix = '', endOfWordSuffix = '' }: SymbolNames,
): SymbolPieces {
  const nameOf = (char: string, place: number): string =>
    `${place & INSIDE ? continuingSubwordPrefix : ''}${char}${place & LAST ? endOfWordSuffix : ''}`;
  if (continuingSubwordPrefix !== '' || endOfWordSuffix !== '') {
    const names = new Set<string>();
    for (const text of words.texts) {
      eachCharacter(text, (char, place) => {
        if (vocab.has(char)) names.add(nameOf(char, place));
      });
    }
    for (const name of [...names].sort()) if (!vocab.has(name)) vocab.set(name, vocab.size);
  }
  /** By character: the ids of its names, by place. */
  const ids = new Map<string, readonly number[]>();
  const idsOf = (char: string): readonly number[] => {
    const own = Array.from({ length: PLACES }, (_, place) =>
      vocab.has(char) ? (vocab.get(nameOf(char, place)) ?? -1) : -1,
    );
    ids.set(char, own);
    return own;
  };
  const symbols = new IdList(words.texts.length * 8);
  const ends = new Int32Array(words.texts.length);
  for (const [i, text] of words.texts.entries()) {
    eachCharacter(text, (char, place) => {
      const id = (ids.get(char) ?? idsOf(char))[place];
      if (id >= 0) symbols.push(id);
    });
    ends[i] = symbols.length;
  }
  return { symbols: symbols.toArray(), ends, counts: words.counts };
}

function eachCharacter(text: string, take: (char: string, place: number) => void): void {
  let at = 0;
  for (const char of text) {
    const inside = at === 0 ? 0 : INSIDE;
    at += char.length;
    take(char, at === text.length ? inside | LAST : inside);
  }
}
