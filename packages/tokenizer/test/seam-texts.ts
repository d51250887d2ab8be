import fc from 'fast-check';

/** What the scanner in WebAssembly has a rule for, or a seam: each kind of character, runs around the size of a block. */
const PARTS = [
  ...[
    ' ',
    '  ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ' \n',
    '\n ',
    '\v',
    '\u3000',
    '\u00a0',
    '\u2003',
  ],
  ...['\u0085', '\u001c', '\u2028', '\ufeff', '\0', '\u0301', '\u200d'],
  ...["'", "''", "'s", "'S", "'t", "'re", "'RE", "'ll", "'lL", "'ve", "'m", "'d", "'r", "'l", "'ſ"],
  ...[
    'r',
    'v',
    'l',
    'e',
    's',
    'ſ',
    'a',
    'B',
    'hello',
    'é',
    'ж',
    '中',
    '文字',
    '你好',
    '\u4e00\u9fff',
    'ｋ',
  ],
  ...['\u5000', '\u4fff', '\ua000', '𝒜', '𠀀', '1', '23', '456', '٣', '②', '½', '𝟙', '１'],
  ...[
    '(',
    '.',
    '"',
    '”',
    '。',
    '—',
    '😀',
    '👩‍👩‍👧',
    '<|end|>',
    '{\n',
    '}\n    ',
    '\ud800',
    '\udc00',
    '\ufffd',
  ],
  ...[' ', '\n', 'a', '7', '.', '中', 'é', '😀'].flatMap((each) =>
    [15, 16, 17, 31, 61, 62, 63, 64, 65, 130].map((count) => each.repeat(count)),
  ),
];

/** Texts that mix a few of these parts, so that each meets each; any of UTF-16 units. */
export const seamText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: mixed(PARTS) },
  {
    weight: 4,
    arbitrary: fc
      .uniqueArray(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 6 })
      .chain(mixed),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(fc.nat(0xffff), fc.nat(0x7f), fc.integer({ min: 0xd7fe, max: 0xe001 })), {
        maxLength: 150,
      })
      .map((units) => String.fromCharCode(...units)),
  },
);

function mixed(parts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 40 })
    .map((chosen) => chosen.join(''));
}
