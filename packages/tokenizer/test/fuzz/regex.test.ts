import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { compileRegex, type Regex } from '../../src/regex/regex.js';
import { attempt, fuzz } from './fuzz.js';
import { patternTexts } from './mutations.js';
import { anyTexts } from './texts.js';

type Spans = readonly (readonly [start: number, end: number])[];

function spans(regex: Regex, text: string): Spans {
  const found: [number, number][] = [];
  regex.matches(text, 0, text.length, (start, end) => found.push([start, end]));
  return found;
}

/** Where a repetition may be of nothing, the dialects differ. */
const mayBeEmpty = (pattern: string): boolean =>
  /[*?]|\(\?[=!<]/u.test(pattern.replaceAll('(?:', '('));

/** Small patterns that mean the same in JavaScript. */
const patterns = fc.letrec<{ choice: string; sequence: string; item: string; atom: string }>(
  (tie) => ({
    choice: fc.oneof(
      { weight: 3, arbitrary: tie('sequence') },
      { weight: 1, arbitrary: fc.tuple(tie('sequence'), tie('choice')).map((t) => t.join('|')) },
    ),
    sequence: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((items) => items.join('')),
    item: fc.oneof(
      { weight: 4, arbitrary: tie('atom') },
      {
        weight: 3,
        arbitrary: fc
          .tuple(
            tie('atom').filter((atom) => !mayBeEmpty(atom)),
            fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{2,}'),
          )
          .map((t) => t.join('')),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('(?=', '(?!', '(?<=', '(?<!'), tie('sequence'))
          .map(([open, inner]) => `${open}${inner})`),
      },
    ),
    atom: fc.oneof(
      { depthSize: 'small', weight: 5, arbitrary: fc.constantFrom(...'abc', '😀') },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '[ab]',
          '[^a]',
          '[^\\n]',
          '\\p{L}',
          '\\P{L}',
          '[b-c]',
          '[^\\p{N}b]',
          '[\\p{L}1]',
        ),
      },
      { weight: 2, arbitrary: tie('choice').map((inner) => `(?:${inner})`) },
    ),
  }),
).choice;

const smallTexts = fc
  .array(fc.constantFrom(...'aaabbbccc 1\n', '😀', 'é'), { maxLength: 24 })
  .map((parts) => parts.join(''));

fuzz(
  'matches of small patterns are where JavaScript finds them',
  1200,
  fc.tuple(patterns, fc.array(smallTexts, { minLength: 3, maxLength: 3 })),
  ([pattern, texts]) => {
    const regex = compileRegex(pattern, 'test');
    const reference = new RegExp(pattern, 'gu');
    for (const text of texts) {
      const ours = spans(regex, text).filter(([start, end]) => start < end);
      const theirs = [...text.matchAll(reference)]
        .map((match) => [match.index, match.index + match[0].length] as const)
        .filter(([start, end]) => start < end);
      expect([pattern, text, ours]).toEqual([pattern, text, theirs]);
    }
  },
);

describe('any text is a pattern, or refused', () => {
  const dialects = fc.constantFrom('oniguruma' as const, 'rust' as const);
  const long = fc
    .tuple(anyTexts, fc.integer({ min: 1, max: 60 }))
    .map(([text, times]) => text.repeat(times));

  fuzz(
    'and finds matches from left to right, piece by piece as all at once',
    1000,
    fc.tuple(patternTexts, dialects, fc.array(fc.oneof(anyTexts, long), { maxLength: 3 })),
    ([pattern, dialect, texts]) => {
      const regex = attempt(() => compileRegex(pattern, 'test', dialect));
      if (typeof regex === 'string') return;
      for (const text of texts) {
        const ends: number[] = [];
        let last = 0;
        for (const [start, end] of spans(regex, text)) {
          expect(last <= start && start <= end && end <= text.length).toBe(true);
          if (last < start) ends.push(start);
          if (start < end) ends.push(end);
          last = end;
        }
        if (last < text.length) ends.push(text.length);
        if (!regex.pieceEnd) continue;
        const pieces: number[] = [];
        for (let at = 0; at < text.length; at = pieces[pieces.length - 1]) {
          pieces.push(regex.pieceEnd(text, at, text.length));
          expect(pieces[pieces.length - 1]).toBeGreaterThan(at);
        }
        expect(pieces).toEqual(ends);
      }
    },
  );
});
