import type { Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlignedText } from '../src/aligned-text.js';
import { toByteChars } from '../src/normalizers/byte-level.js';
import type { PreTokenizer } from '../src/parts.js';
import { fixedLength } from '../src/pre-tokenizers/fixed-length.js';
import { preTokenizerAt } from '../src/pre-tokenizers/read.js';
import { scannerOf } from '../src/pre-tokenizers/scanners.js';
import { regexPattern } from '../src/regex/read.js';
import { golden } from './golden.js';

interface Pieces {
  readonly pieces: readonly string[];
  readonly offsets: readonly number[];
}

const { texts, cases } = golden<{
  texts: string[];
  cases: {
    section: { type: string; [key: string]: Json };
    results: { pieces?: string[]; offsets: number[] }[];
  }[];
}>('pre-tokenizing.json');

function split(preTokenizer: PreTokenizer, text: string): Pieces {
  const pieces: string[] = [];
  const offsets: number[] = [];
  preTokenizer.split(AlignedText.of(text), (piece) => {
    pieces.push(preTokenizer.bytes ? toByteChars(piece).text : piece.text);
    offsets.push(piece.startOf(0), piece.endOf(piece.length - 1));
  });
  return { pieces, offsets };
}

/** Offsets of the pieces that `pieceEnd` finds. */
function scan({ pieceEnd }: PreTokenizer, text: string): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < text.length; ) {
    const end = pieceEnd?.(text, at, text.length) ?? 0;
    offsets.push(at, end);
    at = end;
  }
  return offsets;
}

function slices(text: string, offsets: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let i = 0; i < offsets.length; i += 2) {
    pieces.push(text.slice(offsets[i], offsets[i + 1]));
  }
  return pieces;
}

describe("pieces and offsets are those of Hugging Face's library", () => {
  it.each(cases)('$section.type $section', ({ section, results }) => {
    const preTokenizer = preTokenizerAt(section, 'pre_tokenizer');
    expect(JSON.stringify(preTokenizer.toJSON())).toBe(JSON.stringify(section));
    for (const [i, text] of texts.entries()) {
      const { offsets, pieces = slices(text, offsets) } = results[i];
      expect([text, split(preTokenizer, text)]).toEqual([text, { pieces, offsets }]);
      if (preTokenizer.pieceEnd && !preTokenizer.addPrefixSpace) {
        expect([text, scan(preTokenizer, text)]).toEqual([text, offsets]);
      }
    }
  });
});

/** Texts of what the patterns tell apart. */
const mixedTexts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...`'sStTrReEvVlLmMdDſ aéÉǅʰª中あ1½٣²!.-/$😀𝔘𝟙\t\n\r\u00a0\u0085\u3000\ufeff\u200d\u0301\ud800`,
      ),
      fc.constantFrom('  ', "'ll", "'RE", '\r\n', '\n\n', ' \n ', '123', '    ', 'Word', 'wORD'),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('scanners and pieces found one by one are the matches of the pattern', () => {
  const patterns = cases
    .filter(({ section }) => section.type === 'Sequence')
    .map(({ section }) => (section.pretokenizers as { pattern?: { Regex?: string } }[])[0])
    .flatMap((step) => step?.pattern?.Regex ?? []);

  it.each(patterns)('%s', (regex) => {
    const pattern = regexPattern(regex);
    const pieceEnd = scannerOf(pattern) ?? pattern.regex?.pieceEnd;
    if (!pieceEnd) return;
    fc.assert(
      fc.property(mixedTexts, (text) => {
        const expected: number[] = [];
        let last = 0;
        for (const [start, end] of pattern.find(text)) {
          if (last < start) expected.push(last, start);
          expected.push(start, end);
          last = end;
        }
        if (last < text.length) expected.push(last, text.length);
        expect(scan({ pieceEnd } as PreTokenizer, text)).toEqual(expected);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('lone surrogates', () => {
  it.each(cases.map(({ section }) => section))('do not disturb $type', (section) => {
    const preTokenizer = preTokenizerAt(section, 'pre_tokenizer');
    expect(() => split(preTokenizer, 'a\ud800 b\udc00')).not.toThrow();
  });
});

describe('errors name the place', () => {
  it.each([
    [{ type: 'Sentences' }, /pre_tokenizer\.type: "Sentences" is not supported; supported: BertP/],
    [{ type: 'Whitespace', extra: 1 }, /pre_tokenizer\.extra/],
    [{ type: 'Sequence', pretokenizers: [{}] }, /pre_tokenizer\.pretokenizers\[0\]\.type/],
    [{ type: 'Split', pattern: { Regex: '(a)\\1' }, behavior: 'Isolated' }, /pattern\.Regex/],
    [{ type: 'Split', pattern: { String: 'a' }, behavior: 'Merged' }, /pre_tokenizer\.behavior/],
    [{ type: 'Metaspace', replacement: '__' }, /pre_tokenizer\.replacement/],
    [{ type: 'Metaspace', replacement: '_', prepend_scheme: 'last' }, /prepend_scheme/],
    [{ type: 'FixedLength', length: 0 }, /pre_tokenizer\.length/],
    [{ type: 'CharDelimiterSplit', delimiter: '' }, /pre_tokenizer\.delimiter/],
    [[], /pre_tokenizer: should be an object/],
  ])('%j', (section, message) => {
    expect(() => preTokenizerAt(section, 'pre_tokenizer')).toThrow(message);
  });

  it('fixedLength(0)', () => {
    expect(() => fixedLength(0)).toThrow(/fixedLength: length/);
  });
});

describe('Metaspace of early files', () => {
  it.each([
    [{ add_prefix_space: true }, 'always'],
    [{ add_prefix_space: false }, 'never'],
    [{ add_prefix_space: true, prepend_scheme: 'first', str_rep: '▁' }, 'first'],
  ])('%j', (old, scheme) => {
    const section = { type: 'Metaspace', replacement: '▁', ...old };
    expect(preTokenizerAt(section, 'pre_tokenizer').toJSON()).toEqual({
      type: 'Metaspace',
      replacement: '▁',
      prepend_scheme: scheme,
      split: true,
    });
  });
});
