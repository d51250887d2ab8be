/** Texts on which tokenizers break, by what is hard about them. */
export const HARD_TEXTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['plain text', ['Hello, world!', "It's 12:30; they'll pay $1,234.56 (or not).", 'a', 'A b C d']],
  ['empty text', ['']],
  [
    'whitespace',
    [' ', '  two  spaces  ', '\t\ttabs', 'line\nline\r\nline\r', '\n\n\n', ' \u00a0\u3000\u2028'],
  ],
  ['emoji', ['😀', '👩‍👩‍👧‍👦 family', '🏳️‍🌈🇺🇳', '👍🏽👍🏿', '1️⃣#️⃣', 'a😀b😀c']],
  [
    'combining marks',
    ['e\u0301 is not é', 'Z\u0351\u036f\u0310a\u0317\u0314lgo', 'नमस्ते', '각 각', '\u0301alone'],
  ],
  [
    'Chinese, Japanese, Korean',
    ['我爱北京天安门', '吾輩は猫である。名前はまだ無い。', '동해물과 백두산이', '𠜎𠜱𠝹'],
  ],
  ['right to left', ['مرحبا بالعالم', 'שָׁלוֹם עולם', 'abc \u202eevil\u202c אבג 123']],
  [
    'NUL and control characters',
    ['\0', 'a\0b', '\u0001\u0007\u001b[0m\u007f', '\ufeffmarked', '\ufffd\ufffe'],
  ],
  [
    'names of object properties',
    [
      '__proto__',
      'hasOwnProperty',
      'constructor',
      'toString valueOf',
      '__proto__ __defineGetter__',
    ],
  ],
  [
    'long runs',
    ['a'.repeat(5000), ' '.repeat(3000), '=-'.repeat(2000), '好'.repeat(1500), '\n'.repeat(800)],
  ],
  [
    'code and markup',
    [
      '<p class="x">&amp;</p>',
      'if (a<b&&c>=d) { return x[0]; } // ok',
      '{"k":[1,2.5e-3,null]}',
      'C:\\dir\\f.txt',
    ],
  ],
]);

/** Halves of surrogate pairs have no encoding in UTF-8: each comes back as U+FFFD. */
export const LONE_SURROGATES: readonly string[] = [
  '\ud800',
  'a\udc00b',
  '\ud83d \ude00',
  '\ude00\ud83d',
  'end\ud83d',
];

/** `text` with each lone surrogate replaced by U+FFFD. */
export function wellFormed(text: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}
