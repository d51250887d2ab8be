import fc from 'fast-check';

/** What the parts of a tokenizer tell apart, or might. */
const PIECES: readonly string[] = [
  ...` aAbtheéß中1½²①٣!.-_'|▁#\t\n\r\u00a0\u0085\u2028\u3000\ufeff\u200b\u200d\u0301\u0345\ufffd\0`,
  ...[
    'ſ',
    'ς',
    'ΑΣ',
    'İ',
    'ǆ',
    'ﬁ',
    '한',
    'ᄒ',
    'ᅡ',
    'か゛',
    'が',
    'ｶﾞ',
    'ก็',
    'नि',
    'אב',
    'شي',
    'Ġ',
    'Ã',
  ],
  ...[
    '😀',
    '𝔘',
    '𝟙',
    '𠀀',
    '👩‍👩‍👧‍👦',
    '🇩🇪',
    'e\u0323\u0307',
    'q\u0307\u0323',
    '\u{1d15e}',
    '\u{10ffff}',
  ],
  ...[
    '  ',
    ' \n ',
    '\r\n',
    "'ll",
    "'RE",
    '123456',
    'the ',
    ' weaving',
    '##s',
    '</w>',
    '<unk>',
    '[UNK]',
  ],
  ...[
    '<|endoftext|>',
    '<s>',
    '</s>',
    '[MASK]',
    ' <mask> ',
    '<0xE4>',
    '<0x41>',
    '__proto__',
    'constructor',
  ],
  ...[
    'a'.repeat(70),
    ' '.repeat(90),
    '中'.repeat(40),
    '😀'.repeat(33),
    '\u0301'.repeat(40),
    '<s>'.repeat(9),
  ],
];

/** Text of what tokenizers tell apart, of any Unicode, of graphemes. */
export const unicodeTexts: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((all) => all.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
);

const halves = fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd7fe, max: 0xe001 }));

/** Any UTF-16 units: also halves of characters by themselves. */
export const anyTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: unicodeTexts },
  {
    weight: 1,
    arbitrary: fc
      .tuple(unicodeTexts, fc.array(halves, { maxLength: 8 }), unicodeTexts)
      .map(([before, units, after]) => before + String.fromCharCode(...units) + after),
  },
);

/** Text with U+FFFD in the place of halves of characters. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
