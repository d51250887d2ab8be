import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PieceEnd } from '../src/parts.js';
import { cl100kPattern } from '../src/pre-tokenizers/cl100k-pattern.js';
import { gpt2Pattern } from '../src/pre-tokenizers/gpt2-pattern.js';
import { codePointClasses, LETTER, NUMBER, OTHER, SPACE } from '../src/unicode-classes.js';

function pieces(pieceEnd: PieceEnd, text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = pieceEnd(text, at, text.length);
    found.push(text.slice(at, end));
    at = end;
  }
  return found;
}

/** The patterns as regular expressions, with white space as Rust and Oniguruma have it. */
const space = '\\p{White_Space}';
const gpt2 = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${space}\\p{L}\\p{N}]+|${space}+(?!\\P{White_Space})|${space}+`,
  'gu',
);
const cl100k = (numbers: string): RegExp =>
  new RegExp(
    `'(?:[sSſtTmMdD]|[rR][eE]|[vV][eE]|[lL][lL])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*|${space}*[\\r\\n]+|${space}+(?!\\P{White_Space})|${space}+`,
    'gu',
  );

/** Texts of what the patterns tell apart; all characters are older than Unicode 16. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...`'sStTrReEvVlLmMdDſ aé中1½٣²!.-😀𝔘𝟙\t\n\r\u00a0\u0085\u3000\ufeff\u200d\u0301`,
      ),
      fc.constantFrom('  ', "'ll", "'RE", '\r\n', '\n\n', ' \n ', '123', '    '),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('the scanners cut as their patterns', () => {
  it.each([
    ['GPT-2', gpt2Pattern(), gpt2],
    ['cl100k', cl100kPattern(3), cl100k('\\p{N}{1,3}')],
    ['Qwen2', cl100kPattern(1), cl100k('\\p{N}')],
  ])('%s', (_, pieceEnd, pattern) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(pieces(pieceEnd, text)).toEqual(text.match(pattern) ?? []);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});

describe('the classes of code points', () => {
  const classes = codePointClasses();

  it('are as many as Unicode 16 has', () => {
    const counts = [0, 0, 0, 0];
    for (const kind of classes) counts[kind]++;
    expect(counts[LETTER]).toBe(141_028);
    expect(counts[NUMBER]).toBe(1911);
    expect(counts[SPACE]).toBe(25);
  });

  it('are those of the engine, except for characters that the engine knows and Unicode 16 does not', () => {
    const letter = /^\p{L}$/u;
    const number = /^\p{N}$/u;
    const white = /^\p{White_Space}$/u;
    for (let point = 0; point < classes.length; point++) {
      const char = String.fromCodePoint(point);
      const kind = classes[point];
      if (kind === LETTER && !letter.test(char)) throw new Error(`letter ${point.toString(16)}`);
      if (kind === NUMBER && !number.test(char)) throw new Error(`number ${point.toString(16)}`);
      if ((kind === SPACE) !== white.test(char)) throw new Error(`space ${point.toString(16)}`);
    }
    expect(classes[0xfeff]).toBe(OTHER);
    expect(classes[0x85]).toBe(SPACE);
  });
});
