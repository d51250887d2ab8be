import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HeddleError } from '@heddle/core';
import { sourceSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { files, jsonl } from '../src/index.js';
import { collect, readWithDrops, temporaryFolder, WHOLE, write } from './support.js';

const reasons = (drops: readonly { id: string; reason: string }[]): string[] =>
  drops.map(({ id, reason }) => `${id}: ${reason}`);

describe('finding files', () => {
  it('reads documentation, in the order of code units, under ids relative to the root', async () => {
    const root = await temporaryFolder();
    await write(root, {
      'b/README.md': '# B',
      'B/notes.txt': 'notes',
      'a/LICENSE-MIT': 'licence',
      'ä/page.html': '<p>page</p>',
      '.hidden/CHANGELOG': 'changes',
      'a/code.js': 'no()',
      'a/license.js': 'no()',
      '.git/HEAD.txt': 'no',
    });
    const documents = await collect(files({ paths: [root] }).read(WHOLE));
    expect(documents.map(({ id, meta }) => [id, meta.type])).toEqual([
      ['.hidden/CHANGELOG', 'text'],
      ['B/notes.txt', 'text'],
      ['a/LICENSE-MIT', 'text'],
      ['b/README.md', 'markdown'],
      ['ä/page.html', 'html'],
    ]);
  });

  it('takes include and exclude as globs, and named files whatever they are called', async () => {
    const root = await temporaryFolder();
    await write(root, { 'a.js': 'code', 'x/b.js': 'code', 'x/c.txt': 'text', 'skip/d.js': 'code' });
    const source = files({ paths: [root], include: ['**/*.js'], exclude: ['skip'] });
    expect((await collect(source.read(WHOLE))).map(({ id }) => id)).toEqual(['a.js', 'x/b.js']);
    const named = await collect(files({ paths: [join(root, 'a.js')] }).read(WHOLE));
    expect(named.map(({ id }) => id)).toEqual(['a.js']);
  });

  it('reads every real file once: links, cycles, overlapping paths', async () => {
    const root = await temporaryFolder();
    const outside = await temporaryFolder();
    await write(root, { 'store/a/README.md': 'a', 'store/b/README.md': 'b' });
    await write(outside, { 'c/README.md': 'c', 'd.txt': 'd' });
    await symlink(join(root, 'store/a'), join(root, 'store/b/a'));
    await symlink(root, join(root, 'store/a/loop'));
    await symlink(join(outside, 'c'), join(root, 'm-out'));
    await symlink(outside, join(root, 'n-out'));
    await symlink(join(root, 'gone'), join(root, 'dangling.md'));
    await symlink(root, join(outside, 'c/back'));
    const ids = async (followLinks: boolean, ...paths: string[]): Promise<string[]> => {
      const { documents, drops } = await readWithDrops(files({ paths, followLinks }));
      expect(drops.every(({ reason }) => reason === 'unreadable')).toBe(true);
      return documents.map(({ id }) => id);
    };
    expect(await ids(false, root)).toEqual(['store/a/README.md', 'store/b/README.md']);
    expect(await ids(true, root)).toEqual([
      'm-out/README.md',
      'n-out/d.txt',
      'store/a/README.md',
      'store/b/README.md',
    ]);
    const inner = join(root, 'store/b');
    expect(await ids(false, inner, root)).toEqual([
      `${inner}/README.md`,
      `${root}/store/a/README.md`,
    ]);
  });

  it('goes no deeper than told, and says so', async () => {
    const root = await temporaryFolder();
    await write(root, { 'a/b/c/deep.txt': 'deep', 'a/top.txt': 'top' });
    const { documents, drops } = await readWithDrops(files({ paths: [root], maxDepth: 1 }));
    expect(documents.map(({ id }) => id)).toEqual(['a/top.txt']);
    expect(reasons(drops)).toEqual(['a/b: too-deep']);
  });

  it('says which path does not exist', async () => {
    const read = collect(files({ paths: ['/no/such/folder'] }).read(WHOLE));
    await expect(read).rejects.toMatchObject({
      code: 'io',
      details: { path: '/no/such/folder', operation: 'read' },
      message: expect.stringContaining('no such file or folder'),
    });
  });
});

describe('reading files', () => {
  it('honours byte order marks', async () => {
    const root = await temporaryFolder();
    const wide = Buffer.from('\ufeffgrüße 世界', 'utf16le');
    await write(root, {
      '8.txt': Buffer.from('\ufeffgrüße 世界'),
      'be.txt': Buffer.from(wide).swap16(),
      'le.txt': wide,
    });
    const documents = await collect(files({ paths: [root] }).read(WHOLE));
    expect(documents.map(({ text }) => text)).toEqual(Array(3).fill('grüße 世界'));
  });

  it('passes over what is no text, and says why', async () => {
    const root = await temporaryFolder();
    const whole = gzipSync('a text that is long enough to be cut in its compressed form');
    await write(root, {
      'binary.txt': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]),
      'blank.md': ' \n\n',
      'cut.txt.gz': whole.subarray(0, whole.length - 12),
      'damaged.txt.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff]),
      'good.txt.gz': whole,
      'latin1.txt': Buffer.from('Ã¤Ã¶Ã¼ß ÄÖÜ', 'latin1'),
      'large.txt': 'x'.repeat(2001),
      'plain.gz.txt': 'not compressed',
      'wrong.txt.gz': 'not gzip at all',
    });
    const { documents, drops } = await readWithDrops(files({ paths: [root], maxBytes: 2000 }));
    expect(documents.map(({ id }) => id)).toEqual(['good.txt.gz', 'plain.gz.txt']);
    expect(reasons(drops)).toEqual([
      'binary.txt: binary',
      'blank.md: blank',
      'cut.txt.gz: truncated-gzip',
      'damaged.txt.gz: bad-gzip',
      'large.txt: too-large',
      'latin1.txt: invalid-utf8',
      'wrong.txt.gz: bad-gzip',
    ]);
  });

  it('or throws, where told to', async () => {
    const root = await temporaryFolder();
    await write(root, { 'cut.txt.gz': gzipSync('hello hello hello').subarray(0, 20) });
    const read = collect(files({ paths: [root], onBadFile: 'error' }).read(WHOLE));
    const error = await read.catch((caught: unknown) => caught);
    expect(HeddleError.is(error, 'bad-file')).toBe(true);
    expect(error).toMatchObject({ details: { path: 'cut.txt.gz', reason: 'truncated-gzip' } });
    expect(String(error)).toMatch(/gzip data end too early.*onBadFile/);
  });

  it('keeps a text with a little broken UTF-8, marked', async () => {
    const root = await temporaryFolder();
    const bytes = Buffer.concat([
      Buffer.from('x'.repeat(500)),
      Buffer.from([0xe9]),
      Buffer.from('y'),
    ]);
    await write(root, { 'a.txt': bytes });
    const [{ text, meta }] = await collect(files({ paths: [root] }).read(WHOLE));
    expect(text).toBe(`${'x'.repeat(500)}\ufffdy`);
    expect(meta.replaced).toBe(1);
  });

  it('bounds what compressed files become', async () => {
    const root = await temporaryFolder();
    const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2, 0x61));
    expect(bomb.length).toBeLessThan(100_000);
    await write(root, {
      'bomb.txt.gz': bomb,
      'bomb.jsonl.gz': gzipSync(`${' '.repeat(99)}\n`.repeat(20_000)),
    });
    const source = files({ paths: [root], maxBytes: 10_000_000, maxInflatedBytes: 1_000_000 });
    const { documents, drops } = await readWithDrops(source);
    expect(documents).toEqual([]);
    expect(reasons(drops)).toEqual([
      'bomb.jsonl.gz: too-large-inflated',
      'bomb.txt.gz: too-large-inflated',
    ]);
  });

  it('detects HTML without an extension', async () => {
    const root = await temporaryFolder();
    await write(root, { README: '<!DOCTYPE html>\n<p>hello', LICENSE: 'The <html> licence' });
    const documents = await collect(files({ paths: [root] }).read(WHOLE));
    expect(documents.map(({ meta }) => meta.type)).toEqual(['text', 'html']);
  });
});

describe('JSON Lines', () => {
  it('gives a document a line, and counts bad lines with their numbers', async () => {
    const root = await temporaryFolder();
    await write(root, {
      'a.jsonl': [
        '{"text":"one","label":3,"__proto__":{"x":1}}',
        '',
        '{"text":',
        '{"txt":"no"}',
        '["text"]',
        '{"text":"  "}',
        `{"text":"${'x'.repeat(300)}"}`,
        '{"text":"lone \\ud800"}\r',
        '{"text":"last"}',
      ].join('\n'),
    });
    const { documents, drops } = await readWithDrops(jsonl({ paths: [root], maxBytes: 200 }));
    expect(documents.map(({ id, text }) => [id, text])).toEqual([
      ['a.jsonl:1', 'one'],
      ['a.jsonl:8', 'lone \ufffd'],
      ['a.jsonl:9', 'last'],
    ]);
    expect(documents[0].meta).toMatchObject({ path: 'a.jsonl', line: 1, fields: { label: 3 } });
    expect(Object.getPrototypeOf(documents[0].meta.fields)).toBe(Object.prototype);
    expect(reasons(drops)).toEqual([
      'a.jsonl:3: bad-json',
      'a.jsonl:4: no-text-field',
      'a.jsonl:5: no-text-field',
      'a.jsonl:6: blank',
      'a.jsonl:7: too-large',
    ]);
    const strict = jsonl({ paths: [root], onBadFile: 'error' });
    await expect(collect(strict.read(WHOLE))).rejects.toThrow(/"a.jsonl:3".*bad-json/);
  });

  it('reads other names, other fields, and gzip to where it breaks off', async () => {
    const root = await temporaryFolder();
    const line = (i: number): string => `{"body":"document ${i} ${Math.sin(i)}"}\n`;
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, i) => line(i)).join(''));
    await write(root, {
      'data.json': line(1),
      'cut.jsonl.gz': whole.subarray(0, whole.length / 2),
    });
    const named = jsonl({ paths: [join(root, 'data.json')], textField: 'body' });
    expect((await collect(named.read(WHOLE))).map(({ id }) => id)).toEqual(['data.json:1']);
    const { documents, drops } = await readWithDrops(jsonl({ paths: [root], textField: 'body' }));
    expect(documents.length).toBeGreaterThan(5_000);
    expect(documents.length).toBeLessThan(15_000);
    expect(reasons(drops)).toEqual(['cut.jsonl.gz: truncated-gzip']);
  });

  it('refuses UTF-16', async () => {
    const root = await temporaryFolder();
    await write(root, { 'a.jsonl': Buffer.from('\ufeff{"text":"a"}\n', 'utf16le') });
    const { drops } = await readWithDrops(jsonl({ paths: [root] }));
    expect(reasons(drops)).toEqual(['a.jsonl: unsupported-encoding']);
  });

  it('passes over a line of 100 MB without holding it', async () => {
    const root = await temporaryFolder();
    const path = join(root, 'long.jsonl');
    const megabyte = 'x'.repeat(1024 ** 2);
    await writeFile(path, '{"text":"before"}\n{"text":"');
    for (let i = 0; i < 100; i++) await writeFile(path, megabyte, { flag: 'a' });
    await writeFile(path, '"}\n{"text":"after"}\n', { flag: 'a' });
    await link(path, join(root, 'long.txt'));
    const before = process.memoryUsage();
    let most = 0;
    const drops: string[] = [];
    const ids: string[] = [];
    const source = files({ paths: [root] });
    for await (const { value } of source.read(WHOLE, ({ id, reason, bytes }) => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers);
      drops.push(`${id} ${reason} ${bytes}`);
    })) {
      ids.push(value.id);
    }
    expect(ids).toEqual(['long.jsonl:1', 'long.jsonl:3']);
    expect(drops).toEqual([
      `long.jsonl:2 too-large ${100 * 1024 ** 2 + 11}`,
      `long.txt too-large ${100 * 1024 ** 2 + 47}`,
    ]);
    expect(most).toBeLessThan(64 * 1024 ** 2);
  });
});

describe('cursors of files', () => {
  it('refuse files that changed', async () => {
    const root = await temporaryFolder();
    await write(root, { 'a.txt': 'a', 'b.txt': 'b' });
    const items = [];
    for await (const item of files({ paths: [root] }).read(WHOLE)) items.push(item);
    await write(root, { '0.txt': 'new' });
    for (const after of [items[1].cursor, { file: 9, path: 'x', line: 0 }, 3, { file: -1 }]) {
      const read = collect(files({ paths: [root] }).read({ ...WHOLE, after }));
      await expect(read).rejects.toMatchObject({ code: 'corpus/bad-cursor' });
    }
  });
});

describe('files, as a source', async () => {
  const root = await temporaryFolder();
  const lines = (name: string, count: number): string =>
    Array.from({ length: count }, (_, i) => (i === 2 ? 'bad' : `{"text":"${name} ${i}"}`)).join(
      '\n',
    );
  await mkdir(join(root, 'x'));
  await write(root, {
    'a.md': 'a',
    'b.jsonl': lines('b', 7),
    'c.txt': 'c',
    'empty.txt': '',
    'x/d.jsonl.gz': gzipSync(lines('d', 5)),
    'x/e.html': 'e',
  });
  sourceSuite({ runner: { describe, it }, create: () => files({ paths: [root] }) });
});

describe('options of files', () => {
  it('are checked', () => {
    for (const options of [
      { paths: [] },
      { paths: ['.'], maxBytes: 0 },
      { paths: ['.'], maxBytes: Number.NaN },
      { paths: ['.'], maxInvalidRatio: 2 },
      { paths: ['.'], maxDepth: 1.5 },
    ]) {
      expect(() => files(options)).toThrow(HeddleError);
    }
  });
});
