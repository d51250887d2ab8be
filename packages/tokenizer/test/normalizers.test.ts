import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AlignedText } from '../src/aligned-text.js';
import { bertNormalizer } from '../src/normalizers/bert.js';
import { byteLevelNormalizer } from '../src/normalizers/byte-level.js';
import { precompiled } from '../src/normalizers/precompiled.js';
import { normalizerAt } from '../src/normalizers/read.js';
import { replace } from '../src/normalizers/replace.js';
import { normalizerSequence } from '../src/normalizers/sequence.js';
import { unicodeForm } from '../src/normalizers/unicode-form.js';
import type { Normalizer } from '../src/parts.js';
import { regexPattern } from '../src/regex/read.js';
import { golden } from './golden.js';

interface Result {
  readonly text: string;
  /** Of each character of `text` where it begins and ends in the original. */
  readonly offsets: readonly number[];
}

const { texts, cases, t5 } = golden<{
  texts: string[];
  cases: { section: { type: string; [key: string]: Json }; results: Partial<Result>[] }[];
  t5: Partial<Result>[];
}>('normalizing.json');

function normalized(normalizer: Normalizer, text: string): Result {
  const changed = normalizer.normalize(AlignedText.of(text));
  const offsets: number[] = [];
  let at = 0;
  for (const char of changed.text) {
    offsets.push(changed.startOf(at), changed.endOf(at + char.length - 1));
    at += char.length;
  }
  return { text: changed.text, offsets };
}

const unchanged = (text: string): Result => normalized(normalizerSequence([]), text);

describe("texts and offsets are those of Hugging Face's library", () => {
  it.each(cases)('$section.type $section', ({ section, results }) => {
    const normalizer = normalizerAt(section, 'normalizer');
    expect(JSON.stringify(normalizer.toJSON())).toBe(JSON.stringify(section));
    for (const [i, text] of texts.entries()) {
      expect([text, normalized(normalizer, text)]).toEqual([
        text,
        { ...unchanged(text), ...results[i] },
      ]);
    }
  });

  const file = new URL(
    '../../../../shared/data/tokenizers/sentencepiece/t5-tokenizer.json.gz',
    import.meta.url,
  );
  const present = existsSync(file);
  if (!present) console.log(`The charsmap of T5: skipped, there is no ${file.pathname}`);

  it.skipIf(!present)('with the charsmap of T5', () => {
    const json = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { normalizer: Json };
    const normalizer = normalizerAt(json.normalizer, 'normalizer');
    for (const [i, text] of texts.entries()) {
      expect([text, normalized(normalizer, text)]).toEqual([
        text,
        { ...unchanged(text), ...t5[i] },
      ]);
    }
  });
});

describe('stretches of a text', () => {
  it('keep their place in it', () => {
    const stretch = AlignedText.of('xx e\u0301b', 3);
    const changed = unicodeForm('NFC').normalize(stretch);
    expect([changed.text, changed.startOf(0), changed.endOf(0), changed.startOf(1)]).toEqual([
      'éb',
      3,
      4,
      5,
    ]);
    const prefixed = replace(regexPattern('^'), '-').normalize(stretch);
    expect([prefixed.text, prefixed.startOf(0), prefixed.endOf(0)]).toEqual(['-e\u0301b', 3, 3]);
  });
});

describe('lone surrogates', () => {
  const text = 'a\ud800b\udc00';

  it.each(cases.map(({ section }) => section))('do not disturb $type', (section) => {
    const normalizer = normalizerAt(section, 'normalizer');
    expect(() => normalized(normalizer, text)).not.toThrow();
  });

  it('are U+FFFD as bytes', () => {
    expect(normalized(byteLevelNormalizer(), text).text).toBe('aï¿½bï¿½');
  });
});

describe('runs of marks', () => {
  const marks = ['\u0301', '\u0316', '\u0327', '\u0315', '\u05b0', '\u3099', '\u0344', '\u0f73'];
  const parts = ['a', 'e', 'q', ' ', '가', 'が', 'ο', '\u1ea5', '\ud834\udd5e'];
  const run = fc.array(fc.constantFrom(...marks), { maxLength: 100 });
  const text = fc
    .array(fc.tuple(fc.constantFrom(...parts), run), { minLength: 1, maxLength: 4 })
    .map((some) => some.map(([part, own]) => part + own.join('')).join(''));

  it.each(['NFC', 'NFD', 'NFKC', 'NFKD'] as const)(
    'are ordered as %s says, short or long',
    (form) => {
      fc.assert(
        fc.property(text, (given) => {
          expect(normalized(unicodeForm(form), given).text).toBe(given.normalize(form));
        }),
        { numRuns: 500, seed: 1 },
      );
    },
  );

  it('take time in proportion to their length', () => {
    const length = 500_000;
    const given = `a${'\u0301\u0316'.repeat(length)}`;
    const start = performance.now();
    const { text: changed } = normalized(unicodeForm('NFD'), given);
    expect(changed).toBe(`a${'\u0316'.repeat(length)}${'\u0301'.repeat(length)}`);
    // Ordered one by one they would take ten minutes.
    expect(performance.now() - start).toBeLessThan(60_000);
  });
});

describe('a charsmap that is none is refused', () => {
  const map = (...units: number[]): string =>
    btoa(String.fromCharCode(...new Uint8Array(new Int32Array(units).buffer)));

  it.each([
    ['no base64', '%%%'],
    ['too short', btoa('ab')],
    ['a trie longer than the map', map(400, 1)],
    ['a trie of nothing', map(0)],
    ['a string without end', map(4, 0) + btoa('x'.repeat(1200))],
  ])('%s', (_, base64) => {
    expect(() => precompiled(base64)).toThrow(/precompiled_charsmap/);
  });

  it('one that points out of itself finds nothing', () => {
    const text = 'any text é';
    expect(normalized(precompiled(map(4, -1)), text).text).toBe(text);
    expect(normalized(precompiled(map(8, 0x7ffffc00, 0x400)), text).text).toBe(text);
  });
});

describe('errors name the place', () => {
  it.each([
    [{ type: 'Latinize' }, /normalizer\.type: "Latinize" is not supported; supported: BertN/],
    [{ type: 'NFC', extra: 1 }, /normalizer\.extra/],
    [
      { type: 'Sequence', normalizers: [{ type: 'NFC' }, {}] },
      /normalizer\.normalizers\[1\]\.type/,
    ],
    [{ type: 'Replace', pattern: { Regex: '(' }, content: '' }, /normalizer\.pattern\.Regex/],
    [{ type: 'Replace', pattern: { Glob: '*' }, content: '' }, /normalizer\.pattern\.Glob/],
    [{ type: 'Replace', pattern: {}, content: '' }, /normalizer\.pattern/],
    [{ type: 'BertNormalizer', lowercase: 'yes' }, /normalizer\.lowercase/],
    [{ type: '__proto__' }, /normalizer\.type/],
    [null, /normalizer: should be an object/],
  ])('%j', (section, message) => {
    expect(() => normalizerAt(section, 'normalizer')).toThrow(message);
  });

  it('too deep', () => {
    let section: Json = { type: 'NFC' };
    for (let i = 0; i < 1000; i++) section = { type: 'Sequence', normalizers: [section] };
    expect(() => normalizerAt(section, 'normalizer')).toThrow(/too deep/);
  });
});

it('long texts take no longer than their length', () => {
  const text = `${'a'.repeat(50_000)}${'\u0301\u0323'.repeat(2_000)}`;
  const start = performance.now();
  unicodeForm('NFC').normalize(AlignedText.of(text));
  bertNormalizer({
    cleanText: true,
    handleChineseChars: true,
    stripAccents: null,
    lowercase: true,
  }).normalize(AlignedText.of(text));
  expect(performance.now() - start).toBeLessThan(2000);
});
