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

describe('no pattern takes long to read, or overflows the stack', () => {
  const deep = (inner: string, close: string): string =>
    `${'(?:'.repeat(90)}${inner}${close.repeat(90)}`;
  it.each([
    ['repetitions of nothing', deep('', '){1000}')],
    ['repetitions of no repetition', deep('a{0}', '){1000}')],
    ['repetitions in a look behind', `(?<=${deep('(?:)', '){1000}')})`],
    ['repetitions of repetitions', `a${'*'.repeat(60_000)}`],
    ['many alternatives', '\\p{L}|'.repeat(10_000)],
    ['many characters', `(?i)${'é'.repeat(65_000)}`],
    ['many classes', '\\w'.repeat(32_000)],
    ['choices of choices', `${`(?:${'\\p{L}?'.repeat(10)}`.repeat(90)}${')?'.repeat(90)}`],
  ])('%s', (_name, pattern) => {
    const start = performance.now();
    expect(() => compileRegex(pattern, 'normalizer')).toThrow(
      expect.objectContaining({ code: 'tokenizer/unsupported' }),
    );
    expect(performance.now() - start).toBeLessThan(2000);
  });
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
