import { stageSuite } from '@heddle/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize, normalizeText } from '../src/index.js';
import { repairMojibake } from '../src/stages/mojibake.js';
import { apply, document } from './support.js';

/** Windows-1252 at 0x80-0x9f. */
const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** What a program does that takes UTF-8 for Windows-1252 (bytes without a character stay controls). */
function misread(text: string): string {
  return Array.from(Buffer.from(text), (byte) =>
    byte >= 128 && byte < 160 ? HIGH[byte - 128] : String.fromCharCode(byte),
  ).join('');
}

describe('normalizeText', () => {
  it.each([
    ['line ends', 'a\r\nb\rc\u2028d\u0085e\ff', 'a\nb\nc\nd\ne\nf'],
    ['NFC', 'e\u0301 \u1112\u1161\u11ab', 'é 한'],
    ['controls', 'a\0b\u0007\tc\u009dd', 'ab\tcd'],
    ['zero width', '\ufeffa\u200bb\u2060c\u00add\u200e', 'abcd'],
    ['direction overrides', 'user\u202etxt.exe\u202c', 'usertxt.exe'],
    [
      'joiners where they matter',
      'می\u200cخواهم 👩\u200d💻 क\u094d\u200dष',
      'می\u200cخواهم 👩\u200d💻 क\u094d\u200dष',
    ],
    ['joiners where they do not', 'a\u200db\u200c', 'ab'],
    ['spaces', 'a\u00a0b\u2003c\u3000d  ', 'a b c\u3000d'],
    [
      'terminal colours',
      '\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007',
      'red link',
    ],
    ['blank lines', '\n\na  \n \n\n\n\n\nb\n\n', 'a\n\n\nb'],
    ['lone surrogates', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
  ])('%s', (_, given, wanted) => {
    expect(normalizeText(given)).toBe(wanted);
  });

  it('done twice changes nothing more', () => {
    const pieces = fc.constantFrom(
      'a',
      'Ã',
      '©',
      'â',
      '€',
      '™',
      '\u200b',
      '\u0303',
      'A',
      '\r',
      '\n',
      ' ',
      '\u0085',
      '\u00ad',
      '\u001b[',
      '0m',
      '\u00a0',
      'Â',
      '\u0081',
      '\u200d',
      '世',
      '\ud83d',
      '\u0958',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const once = normalizeText(parts.join(''));
        expect(normalizeText(once)).toBe(once);
        expect(once).toBe(once.normalize('NFC'));
        expect(Buffer.from(once).toString()).toBe(once);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const once = normalizeText(text);
        expect(normalizeText(once)).toBe(once);
      }),
    );
  });
});

describe('repairMojibake', () => {
  it('undoes UTF-8 read as Windows-1252, up to three times over', () => {
    for (const text of [
      'It’s “quoted” — and…',
      'café déjà vu, naïve, größer, señor, Ångström',
      '価格は 100 円です。',
      'Привет, мир',
      'emoji 🎉 and ½ × 3 °C',
    ]) {
      expect(repairMojibake(misread(text))).toBe(text);
      expect(repairMojibake(misread(misread(text)))).toBe(text);
      expect(repairMojibake(misread(misread(misread(text))))).toBe(text);
    }
  });

  it('leaves text alone that only looks odd', () => {
    for (const text of [
      'déjà vu, «voilà», ÇA VA, À LA CARTE',
      '«CAFÉ», «IRMû, „MENÜ“, “NÃO”',
      'Ã and Â are letters; São Paulo, MAÇÃ, ÂNGELA',
      '£5 · 20 °C ± 1 § 3 ¶ © ® ™ € … – —',
      'Ελληνικά, русский, 中文, عربي, ไทย',
    ]) {
      expect(repairMojibake(text)).toBe(text);
    }
  });
});

describe('normalize', () => {
  it('drops what is empty then', async () => {
    const { documents, drops } = await apply(normalize(), ['\u200b\u0000 \n', 'a\r\n']);
    expect(documents.map(({ text }) => text)).toEqual(['a']);
    expect(drops).toEqual([{ id: 'd0', reason: 'blank', bytes: 6 }]);
  });
});

describe('normalize, as a stage', () => {
  const inputs = ['a\r\n', '\u200b', 'b'].map((text, i) => document(text, `d${i}`));
  stageSuite({ runner: { describe, it }, create: () => normalize(), inputs });
});
