import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HeddleError } from '@heddle/core';
import { stageSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { chunk, filter } from '../src/index.js';
import { apply, document, shared } from './support.js';

const PROSE =
  'The gods had condemned Sisyphus to ceaselessly rolling a rock to the top of a mountain, ' +
  'whence the stone would fall back of its own weight.\nThey had thought with some reason that ' +
  'there is no more dreadful punishment than futile and hopeless labor.';

describe('filter', () => {
  it.each([
    ['too-short', 'Short.', {}],
    ['too-long', PROSE, { maxCharacters: 200 }],
    ['few-letters', '1234567890 '.repeat(20), {}],
    ['repeated-lines', `${PROSE}\n${'}\n'.repeat(8)}`, {}],
    [
      'repeated-text',
      `${PROSE}\n${'The same line, again and again.\n'.repeat(8)}`,
      { maxLineRepetition: 1 },
    ],
    ['many-symbols', `${PROSE} ${'# '.repeat(6)}`, {}],
    [
      'ellipsis-lines',
      'Read more about this...\nAnd about that one…\nA line\n'.repeat(1) + 'x'.repeat(60),
      { maxSymbolRatio: 1 },
    ],
    ['bullet-lines', PROSE.replace(/\. /g, '.\n').replace(/^/gm, '- '), { maxBulletLines: 0.9 }],
    ['long-words', `${'QWxhZGRpbjpvcGVuIHNlc2FtZQ'.repeat(8)} end`, {}],
    ['broken-encoding', `${PROSE}${'\ufffd'.repeat(4)}`, {}],
  ])('%s', async (reason, text, options) => {
    const { documents, drops } = await apply(filter(options), [PROSE, text]);
    expect(drops.map((drop) => drop.reason)).toEqual(
      text.startsWith('The gods') && reason === 'too-long' ? [reason, reason] : [reason],
    );
    expect(documents.length).toBe(reason === 'too-long' ? 0 : 1);
  });

  it('can be switched off rule by rule', async () => {
    const off = filter({
      minCharacters: 0,
      minAlphaRatio: 0,
      maxLineRepetition: 1,
      maxTextRepetition: 1,
      maxSymbolRatio: Number.POSITIVE_INFINITY,
      maxEllipsisLines: 1,
      maxBulletLines: 1,
      maxMeanWordLength: Number.POSITIVE_INFINITY,
      maxReplacementRatio: 1,
    });
    const odd = ['', '...\n...\n...', '# # #', '\ufffd\ufffd', 'x'.repeat(5000)];
    expect((await apply(off, odd)).drops).toEqual([]);
  });

  it('keeps the Declaration of Human Rights in every script', async (context) => {
    const { path, missing } = shared('pretrain/udhr');
    if (missing) return context.skip(missing);
    const names = readdirSync(path);
    expect(names.length).toBeGreaterThan(20);
    const texts = names.map((name) => document(readFileSync(join(path, name), 'utf8'), name));
    expect((await apply(filter(), texts)).drops).toEqual([]);
  });

  it('keeps nearly all of what C4 kept', async (context) => {
    const { path, missing } = shared('pretrain/web/c4/c4_300.jsonl.gz');
    if (missing) return context.skip(missing);
    const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
    const { documents, drops } = await apply(filter(), texts);
    expect(documents.length + drops.length).toBe(300);
    expect(documents.length).toBeGreaterThan(285);
  });

  it('checks its options', () => {
    for (const options of [
      { minAlphaRatio: 1.1 },
      { minCharacters: -1 },
      { maxBulletLines: Number.NaN },
    ]) {
      expect(() => filter(options)).toThrow(HeddleError);
    }
  });
});

describe('chunk', () => {
  it('cuts at blank lines, line ends, spaces, and never through a character', async () => {
    const cut = async (text: string): Promise<string[]> =>
      (await apply(chunk({ maxCharacters: 10 }), [text])).documents.map((part) => part.text);
    expect(await cut('short')).toEqual(['short']);
    expect(await cut('aaaaaa\n\nbb cc')).toEqual(['aaaaaa', 'bb cc']);
    expect(await cut('aaaaaa\nb cc dd')).toEqual(['aaaaaa', 'b cc dd']);
    expect(await cut('aaa bbb ccc ddd')).toEqual(['aaa bbb', 'ccc ddd']);
    expect(await cut('a'.repeat(9) + '😀'.repeat(6))).toEqual(['aaaaaaaaa', '😀'.repeat(5), '😀']);
    expect(await cut(' '.repeat(30))).toEqual([]);
  });

  it('names the parts', async () => {
    const { documents } = await apply(chunk({ maxCharacters: 4 }), [
      document('aaa bbb', 'x', { k: 1 }),
    ]);
    expect(documents).toEqual([
      { id: 'x#1', text: 'aaa', meta: { k: 1, part: 1 } },
      { id: 'x#2', text: 'bbb', meta: { k: 1, part: 2 } },
    ]);
  });
});

describe('filter, as a stage', () => {
  const inputs = [PROSE, 'x', `${PROSE} More.`].map((text, i) => document(text, `d${i}`));
  stageSuite({ runner: { describe, it }, create: () => filter(), inputs });
});

describe('chunk, as a stage', () => {
  const inputs = [PROSE, 'x', `${PROSE} More.`].map((text, i) => document(text, `d${i}`));
  stageSuite({ runner: { describe, it }, create: () => chunk({ maxCharacters: 50 }), inputs });
});
