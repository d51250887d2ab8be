import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, type Regex } from '../src/regex/regex.js';
import { golden } from './golden.js';

type Spans = readonly (readonly [start: number, end: number])[];

function spans(regex: Regex, text: string): Spans {
  const found: [number, number][] = [];
  regex.matches(text, 0, text.length, (start, end) => found.push([start, end]));
  return found;
}

/** The stretches of matches and of what is between them, without the empty ones. */
function pieces(text: string, matches: Spans): number[] {
  const cuts: number[] = [];
  let last = 0;
  const add = (start: number, end: number): void => {
    if (start < end) cuts.push(start, end);
  };
  for (const [start, end] of matches) {
    add(last, start);
    add(start, end);
    last = end;
  }
  add(last, text.length);
  return cuts;
}

describe('matches are where Oniguruma finds them', () => {
  const groups =
    golden<
      {
        texts: string[];
        patterns: { pattern: string; found: { matched: number[]; pieces: number[] }[] }[];
      }[]
    >('regex.json');
  for (const { texts, patterns } of groups) {
    it.each(patterns)('$pattern', ({ pattern, found }) => {
      const regex = compileRegex(pattern, 'test');
      for (const [i, text] of texts.entries()) {
        const matches = spans(regex, text);
        const matched = matches.filter(([start, end]) => start < end).flat();
        expect([text, matched]).toEqual([text, found[i].matched]);
        expect([text, pieces(text, matches)]).toEqual([text, found[i].pieces]);
      }
    });
  }
});

describe('lists of words', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'b', '<', '.', '|', '😀'),
    minLength: 1,
    maxLength: 4,
  });
  const words = fc.array(word, { minLength: 1, maxLength: 8 });
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '<', '.', '|', '😀', ' '),
    maxLength: 30,
  });

  it('are found as JavaScript finds them, the first of the list first', () => {
    fc.assert(
      fc.property(words, text, (list, some) => {
        const pattern = list.map((each) => each.replace(/[.|]/gu, '\\$&')).join('|');
        const expected = [...some.matchAll(new RegExp(pattern, 'gu'))].map(
          (match) => [match.index, match.index + match[0].length] as const,
        );
        const regex = compileRegex(pattern, 'test');
        expect([pattern, some, spans(regex, some)]).toEqual([pattern, some, expected]);
        // The same with a beginning that no list of words has.
        expect(spans(compileRegex(`(?:)${pattern}`, 'test'), some)).toEqual(expected);
        const ends: number[] = [];
        for (let at = 0; at < some.length; ends.push(at)) {
          at = regex.pieceEnd?.(some, at, some.length) as number;
        }
        const cuts = pieces(some, expected);
        expect(ends).toEqual(cuts.filter((_, i) => i % 2 === 1));
      }),
      { numRuns: 2000, seed: 2 },
    );
  });

  it('may be long', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `<unused${i}>`);
    const regex = compileRegex(names.join('|'), 'test');
    expect(spans(regex, 'x<unused19999><unused2>')).toEqual([
      [1, 14],
      [14, 23],
    ]);
  });
});

describe('no pattern takes longer than text times pattern', () => {
  const letters = 'a'.repeat(100_000);
  it.each([
    ['(a+)+$', `${letters}b`, 0],
    ['(a*)*b', letters, 0],
    ['(?:a|a)*b', letters, 0],
    ['a(?:.*z)?|b', letters, 100_000],
    ['(?=.*z)a', letters, 0],
    ['(?=.*)a', letters, 100_000],
    ['(?=(?:a|b)*c)a', letters, 0],
    ['(?<=a*)b|a', letters, 100_000],
    ['(?<!z.*)a', letters, 100_000],
    ['a++b', letters, 0],
    ['(?>a|aa)++b', letters, 0],
    ['(?:ab)*c', 'ab'.repeat(50_000), 0],
    ['.*a+b', ' aaaa'.repeat(20_000), 0],
    ['(?:a*c?)*b', 'aaaac'.repeat(20_000), 0],
    ['(?:.*)(?:.*)(?:.*)(?:.*)x', letters, 0],
  ])('%s', (pattern, text, count) => {
    const start = performance.now();
    expect(spans(compileRegex(pattern, 'test'), text)).toHaveLength(count);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('a pattern is compiled or refused in bounded time', () => {
  it.each([
    ['a choice of very many', 'a|'.repeat(32_000), /more than 4096 characters, classes and groups/],
    ['many large classes', '\\p{L}|'.repeat(10_000), /more than 4096/],
    ['many characters in any case', `(?i)${'é'.repeat(65_000)}`, /more than 4096/],
    ['repetitions of repetitions', `a${'*'.repeat(60_000)}`, /nesting this deep/],
    ['choices of choices', `${`(?:${'\\p{L}?'.repeat(10)}`.repeat(90)}${')?'.repeat(90)}`, /400/],
    [
      'large classes, nested',
      `${'(?:'.repeat(90)}${'\\p{L}|\\p{N}|'.repeat(1900)}${')?'.repeat(90)}`,
      /instructions/,
    ],
    ['large classes in any case', `(?i)${'\\p{L}|[\\p{N}a]|'.repeat(1900)}`, /instructions/],
    ['a repetition of very much', `${'(?:'.repeat(40)}a?${'){2}'.repeat(40)}`, /instructions/],
    ['very many ways to go on', '(?:(?:ab)*a?){3}'.repeat(100), /400 alternatives/],
  ])('%s', (_, pattern, message) => {
    const start = performance.now();
    expect(() => compileRegex(pattern, 'test')).toThrow(message);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it.each([
    ['nothing', ''],
    ['no repetition', 'a{0}'],
  ])('a repetition of %s', (_, inner) => {
    const repeated = `${'(?:'.repeat(5)}${inner}${'){1000}'.repeat(5)}`;
    for (const pattern of [`${repeated}b`, `(?<=${repeated})b`]) {
      let found: Spans | undefined;
      try {
        found = spans(compileRegex(pattern, 'test'), 'ab');
      } catch (error) {
        expect(error).toMatchObject({ code: 'tokenizer/unsupported' });
        continue;
      }
      expect(found).toEqual([[1, 2]]);
    }
  });
});

it('a look around may go very far: through more places than a Map of JavaScript can hold', () => {
  const regex = compileRegex('(?=(?:a|ab)*?c)\\w+d', 'test');
  expect(spans(regex, 'a'.repeat(9_000_000))).toEqual([]);
});

it('a search that would need too much memory is given up', () => {
  const looks = ['c', 'd', 'e', 'f'].map((end) => `(?=(?:a|ab|abc|abcd)*?${end})`).join('|');
  const regex = compileRegex(looks, 'test');
  expect(() => spans(regex, 'a'.repeat(12_000_000))).toThrow(
    expect.objectContaining({ code: 'tokenizer/regex-limit' }),
  );
});

describe('what is not understood is refused by name', () => {
  it.each([
    ['(a)\\1', /\\1 is not supported/],
    ['\\p{Klingon}', /\\p\{Klingon\} is not supported/],
    ['\\X', /\\X/],
    ['\\K', /\\K/],
    ['\\pL', /\\p without braces/],
    ['(?~a)', /the group \(\?~/],
    ['(?(1)a)', /the group \(\?\(/],
    ['(?s:.)', /the option s/],
    ['[[:alpha:]]', /\[:alpha:\]/],
    ['a{1001}', /more than 1000 times/],
    ['(?:(?:ab?){100}c?){100}', /instructions/],
    ['('.repeat(200), /nesting this deep/],
    ['['.repeat(200), /nesting this deep/],
  ])('%s', (pattern, message) => {
    expect(() => compileRegex(pattern, 'normalizer')).toThrow(message);
    expect(() => compileRegex(pattern, 'normalizer')).toThrow(/normalizer: /);
  });

  it.each(['(a', 'a)', '[a', '*a', '[z-a]', '[a-\\d]', '^*', '\\x{110000}', '\\'])(
    '%s is no regular expression',
    (pattern) => {
      expect(() => compileRegex(pattern, 'normalizer')).toThrow(/the regular expression/);
    },
  );
});

describe('what differs in case only', () => {
  it.each([
    ['(?i)\\p{Lu}', 'aA', [1, 2]],
    ['(?i)[\\p{Lu}]', 'aA', [0, 1, 1, 2]],
    ['(?i)ß', 'ẞß', [0, 1, 1, 2]],
    ['(?i)\\x41', 'aA', [0, 1, 1, 2]],
  ])('%s in %s', (pattern, text, expected) => {
    expect(spans(compileRegex(pattern, 'test'), text).flat()).toEqual(expected);
  });
});

describe("the beginning of a line is, in Oniguruma's dialect, not the end of the text", () => {
  it.each([
    ['\n^', 'a\n', []],
    ['\n^', 'a\n\nb', [1, 2, 2, 3]],
    ['^', 'a\nb\n', [0, 0, 2, 2]],
  ])('%j in %j', (pattern, text, expected) => {
    expect(spans(compileRegex(pattern, 'test'), text).flat()).toEqual(expected);
  });
});

describe("Rust's dialect", () => {
  it.each([
    ['\\p{N}{1,3}+', '12345', [0, 3, 3, 5]],
    ['a$', 'a\na', [2, 3]],
    ['(?m:a$)', 'a\na', [0, 1, 2, 3]],
    ['(?m:\n^)', 'a\n', [1, 2]],
    ['(?s:a.)', 'a\na', [0, 2]],
    ['\\pN', 'a1', [1, 2]],
    ['\\w', '²\u200d', [1, 2]],
    ['\\p{Script=Han}', 'a中', [1, 2]],
  ])('%s', (pattern, text, expected) => {
    expect(spans(compileRegex(pattern, 'test', 'rust'), text).flat()).toEqual(expected);
  });
});

describe('lone surrogates', () => {
  it('are read as U+FFFD', () => {
    expect(spans(compileRegex('\\p{So}', 'test'), 'a\ud800b\udc00')).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
