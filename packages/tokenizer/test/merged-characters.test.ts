import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTE_CHARS } from '../src/byte-alphabet.js';
import { IdList } from '../src/id-list.js';
import { toAlphabet } from '../src/models/alphabet-pieces.js';
import { bpeModel } from '../src/models/bpe-model.js';
import { mergesAt } from '../src/models/read-merges.js';
import { plainlyMerged } from './plain-merging.js';

/** Characters that have bytes in common, of three bytes and of others. */
const CHARACTERS = ['中', '丁', '国', '图', 'あ', 'ぁ', '한', 'é', 'a', '😀', '\ud800'];
const THREE_BYTES = CHARACTERS.slice(0, 7);

type Merge = readonly [left: string, right: string];

/** Merges of any neighbours, whole characters or parts of them, in the order in which they were chosen. */
function chosenMerges(corpus: string, choices: readonly number[]): Merge[] {
  const merges = new Map<string, Merge>();
  let symbols = [...toAlphabet(corpus, 0, corpus.length)];
  for (const choice of choices) {
    if (symbols.length < 2) break;
    const at = choice % (symbols.length - 1);
    const merge: Merge = [symbols[at], symbols[at + 1]];
    merges.set(merge.join(' '), merge);
    const joined: string[] = [];
    for (let i = 0; i < symbols.length; i++) {
      const merges = symbols[i] === merge[0] && symbols[i + 1] === merge[1];
      joined.push(merges ? merge.join('') : symbols[i]);
      if (merges) i++;
    }
    symbols = joined;
  }
  return [...merges.values()];
}

/** The tokens of a piece, by the plain search for the lowest rank among its bytes. */
function plainly(text: string, merges: readonly Merge[]): string[] {
  const ranks = new Map(merges.map((merge, rank) => [merge.join(' '), rank]));
  const bytes = [...toAlphabet(text, 0, text.length)];
  return plainlyMerged(bytes, (left, right) => ranks.get(`${left} ${right}`));
}

const textOf = (characters: readonly string[], most: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...characters), { minLength: 1, maxLength: most })
    .map((parts) => parts.join(''));

/** Merges that make three characters, and then tokens of two of them. */
function characterMerges(): Merge[] {
  const [first, second, third] = ['中', '国', 'あ'].map((text) => toAlphabet(text, 0, 1));
  return [
    ...[first, second, third].flatMap((token): Merge[] => [
      [token[0], token[1]],
      [token.slice(0, 2), token[2]],
    ]),
    [first, second],
    [second, third],
    [third, first],
  ];
}

describe('byte-level pieces that begin as characters have the tokens of merging bytes', () => {
  const chosen = fc
    .tuple(textOf(CHARACTERS, 60), fc.array(fc.nat(1000), { maxLength: 60 }))
    .map(([corpus, choices]) => chosenMerges(corpus, choices));
  const inAnyOrder = (merges: readonly Merge[]): fc.Arbitrary<Merge[]> =>
    fc.shuffledSubarray([...merges], { minLength: merges.length });
  const piece = fc.oneof(textOf(THREE_BYTES, 12), textOf(CHARACTERS, 12), textOf(THREE_BYTES, 80));

  it.each<[name: string, merges: fc.Arbitrary<Merge[]>, piece: fc.Arbitrary<string>]>([
    ['merges of any neighbours, in the order of a training', chosen, piece],
    ['merges of any neighbours, in any order', chosen.chain(inAnyOrder), piece],
    [
      'merges of whole characters, in any order',
      inAnyOrder(characterMerges()),
      textOf(['中', '国', 'あ'], 8),
    ],
  ])('%s', (_, merges, text) => {
    fc.assert(
      fc.property(merges, fc.array(text, { minLength: 1, maxLength: 4 }), (ordered, texts) => {
        const tokens = [...new Set([...BYTE_CHARS, ...ordered.map((merge) => merge.join(''))])];
        const vocab = new Map(tokens.map((token, id) => [token, id]));
        const model = bpeModel(vocab, mergesAt(ordered, 'merges', vocab, ''));
        for (const each of texts) {
          const expected = plainly(each, ordered);
          const ids = new IdList(0);
          model.encodePiece(each, 0, each.length, ids);
          expect([...ids.toArray()].map((id) => tokens[id])).toEqual(expected);
          const spans = new IdList(0);
          ids.length = 0;
          model.encodePiece(each, 0, each.length, ids, spans);
          expect([...ids.toArray()].map((id) => tokens[id])).toEqual(expected);
          expect([...spans.toArray()]).toEqual(spansOf(each, expected));
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

/** Where the tokens lie in the text: a part of a character covers all of it. */
function spansOf(text: string, tokens: readonly string[]): number[] {
  const units: [start: number, end: number][] = [];
  let at = 0;
  for (const character of text) {
    const bytes = toAlphabet(character, 0, character.length).length;
    for (let i = 0; i < bytes; i++) units.push([at, at + character.length]);
    at += character.length;
  }
  let byte = 0;
  return tokens.flatMap((token) => {
    const [start] = units[byte];
    byte += token.length;
    return [start, units[byte - 1][1]];
  });
}
