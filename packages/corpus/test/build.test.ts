import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Cursor, type Document, HeddleError } from '@heddle/core';
import { sourceSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import {
  type BuildCorpusOptions,
  buildCorpus,
  type CorpusReport,
  chunk,
  type DocumentStage,
  documentStage,
  exactDedup,
  files,
  filter,
  formatReport,
  nearDedup,
  normalize,
  readCorpus,
  splitOf,
} from '../src/index.js';
import { OutputFile } from '../src/output-file.js';
import { apply, collect, document, memory, temporaryFolder, WHOLE, write } from './support.js';

const TEXTS = Array.from(
  { length: 200 },
  (_, i) => `Document ${i} says ${'word '.repeat(i % 7)}${i * i}.`,
);

function build(
  directory: string,
  options: Partial<BuildCorpusOptions> = {},
): Promise<CorpusReport> {
  return buildCorpus({
    source: memory(TEXTS),
    stages: [],
    directory,
    validation: 0.2,
    seed: 1,
    ...options,
  });
}

describe('buildCorpus', () => {
  it('writes shards and a report that accounts for every document', async () => {
    const root = await temporaryFolder();
    await write(root, {
      'in/a.txt': 'A text that is long enough to stay where it is.\r\n',
      'in/b.txt': 'A text that is long enough to stay where it is.',
      'in/c.txt': 'short',
      'in/d.txt': Buffer.from([0, 1, 2]),
      'in/e.jsonl': `${JSON.stringify({ text: 'Another text, in its own words and quite unlike others.' })}\nbad\n`,
    });
    // A stage from elsewhere, which reports nothing.
    const odd: DocumentStage = async function* everySecond(items) {
      let i = 0;
      for await (const item of items) if (i++ % 2 === 0) yield item;
    };
    const directory = join(root, 'deep/er/corpus');
    const report = await buildCorpus({
      source: files({ paths: [join(root, 'in')] }),
      stages: [normalize(), filter({ minCharacters: 20 }), exactDedup(), odd],
      directory,
      validation: 0,
      seed: 0,
    });
    expect((await readdir(directory)).sort()).toEqual(['report.json', 'train-00000.jsonl.gz']);
    expect(await readdir(join(root, 'deep/er'))).toEqual(['corpus']);
    expect(JSON.parse(await readFile(join(directory, 'report.json'), 'utf8'))).toEqual(report);
    expect(report.source.gave.documents).toBe(4);
    expect(report.source.dropped.map(({ reason, examples }) => [reason, examples])).toEqual([
      ['bad-json', ['e.jsonl:2']],
      ['binary', ['d.txt']],
    ]);
    expect(report.stages.map(({ name, dropped }) => [name, dropped.map((d) => d.reason)])).toEqual([
      ['normalize', []],
      ['filter', ['too-short']],
      ['exactDedup', ['exact-duplicate']],
      ['everySecond', ['unreported']],
    ]);
    for (const { came, stayed, dropped } of report.stages) {
      const gone = dropped.reduce((sum, { documents }) => sum + documents, 0);
      expect(came.documents).toBe(stayed.documents + gone);
    }
    const lines = gunzipSync(await readFile(join(directory, 'train-00000.jsonl.gz'))).toString();
    expect(lines.split('\n').map((line) => line && (JSON.parse(line) as Document).id)).toEqual([
      'a.txt',
      '',
    ]);
    const table = formatReport(report);
    expect(table).toMatch(/ {2}too-short +-1 +5 B\n/);
    expect(table).toMatch(/written to train +1 +47 B$/);
    expect(new Set(table.split('\n').map((line) => line.length)).size).toBe(1);
  });

  it('gives the same bytes for the same input, in shards of the size asked for', async () => {
    const root = await temporaryFolder();
    const report = await build(join(root, 'one'), { shardBytes: 1000 });
    await build(join(root, 'two'), { shardBytes: 1000 });
    const names = await readdir(join(root, 'one'));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(await readFile(join(root, 'one', name))).toEqual(
        await readFile(join(root, 'two', name)),
      );
    }
    for (const { shards } of report.splits) {
      for (const { bytes } of shards) expect(bytes).toBeLessThanOrEqual(1000);
    }
    const read = [
      ...(await collect(readCorpus(join(root, 'one'), 'train').read(WHOLE))),
      ...(await collect(readCorpus(join(root, 'one'), 'validation').read(WHOLE))),
    ];
    expect(read.map(({ text }) => text).sort()).toEqual([...TEXTS].sort());
  });

  it('tells its progress', async () => {
    const root = await temporaryFolder();
    const seen: number[] = [];
    await build(join(root, 'c'), { onProgress: ({ documents }) => seen.push(documents) });
    expect(seen).toEqual([...TEXTS.map((_, i) => i + 1), 200]);
  });

  it('says why nothing is left', async () => {
    const root = await temporaryFolder();
    const stages = [filter({ minCharacters: 30 }), exactDedup()];
    const empty = build(join(root, 'c'), { source: memory(['a', 'b', 'c'.repeat(20)]), stages });
    const error = await empty.catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'corpus/empty',
      details: { read: 3, dropped: { 'filter: too-short': 3 } },
      message: expect.stringContaining('3 by filter: too-short'),
    });
    await expect(build(join(root, 'c'), { source: memory([]) })).rejects.toThrow(
      /the source gave none/,
    );
    await mkdir(join(root, 'empty'));
    const source = files({ paths: [join(root, 'empty')] });
    await expect(build(join(root, 'c'), { source })).rejects.toMatchObject({
      code: 'corpus/empty',
    });
    expect(await readdir(root)).toEqual(['empty']);
  });

  it('refuses a split with nothing on one side', async () => {
    const root = await temporaryFolder();
    for (const validation of [1e-9, 1]) {
      await expect(build(join(root, 'c'), { validation })).rejects.toMatchObject({
        code: 'corpus/empty-split',
        details: { split: validation === 1 ? 'train' : 'validation', documents: 200 },
      });
    }
    expect(existsSync(join(root, 'c'))).toBe(false);
  });

  it('leaves nothing behind when a stage fails or the signal aborts', async () => {
    const root = await temporaryFolder();
    const failing = documentStage('failing', () => () => {
      throw new Error('on purpose');
    });
    await expect(build(join(root, 'c'), { stages: [failing] })).rejects.toThrow('on purpose');
    const controller = new AbortController();
    const aborted = build(join(root, 'c'), {
      signal: controller.signal,
      onProgress: ({ documents }) => documents === 50 && controller.abort(new Error('enough')),
    });
    await expect(aborted).rejects.toThrow('enough');
    expect(await readdir(root)).toEqual([]);
  });

  it('killed at work leaves no corpus, and the next build works', async () => {
    const root = await temporaryFolder();
    const directory = join(root, 'c');
    const script = fileURLToPath(new URL('fixtures/endless-build.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--conditions', '@heddle/source', script, directory],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    const [left, ...others] = await readdir(root);
    expect(left).toMatch(/^\.heddle-partial-c-/);
    expect(others).toEqual([]);
    expect((await readdir(join(root, left))).length).toBeGreaterThan(2);
    await expect(collect(readCorpus(directory, 'train').read(WHOLE))).rejects.toMatchObject({
      code: 'io',
    });
    await build(directory);
    expect((await collect(readCorpus(directory, 'train').read(WHOLE))).length).toBeGreaterThan(100);
  });

  it('replaces a corpus only where told to, and never anything else', async () => {
    const root = await temporaryFolder();
    const directory = join(root, 'c');
    await mkdir(directory);
    await build(directory);
    await expect(build(directory)).rejects.toMatchObject({ code: 'corpus/exists' });
    await build(directory, { validation: 0, overwrite: true });
    expect((await readdir(directory)).sort()).toEqual(['report.json', 'train-00000.jsonl.gz']);
    await writeFile(join(directory, 'thesis.doc'), 'precious');
    await expect(build(directory, { overwrite: true })).rejects.toThrow(
      /thesis\.doc.*not replaced/,
    );
    expect(await readdir(root)).toEqual(['c']);
  });

  it('says what is wrong with the output folder', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'file'), 'a file');
    for (const path of ['file', 'file/below', 'file/far/below']) {
      await expect(build(join(root, path))).rejects.toMatchObject({
        code: 'io',
        message: expect.stringMatching(/ENOTDIR|EEXIST/),
      });
    }
  });

  it('says that the disk is full', async (context) => {
    if (!existsSync('/dev/full')) return context.skip('this system has no /dev/full');
    const file = await OutputFile.create('/dev/full');
    await file.write(Buffer.from('text'));
    await expect(file.close()).rejects.toMatchObject({
      code: 'io',
      details: { path: '/dev/full', operation: 'write' },
      message: expect.stringContaining('disk is full'),
    });
  });

  it('does not read the corpus that it is writing', async () => {
    const root = await temporaryFolder();
    await write(root, { 'a.txt': 'text', 'z/b.txt': 'more text' });
    const source = files({ paths: [root] });
    const report = await build(join(root, 'corpus'), { source, validation: 0, shardBytes: 1 });
    expect(report.source.gave.documents).toBe(2);
  });

  it('holds no documents', async () => {
    const root = await temporaryFolder();
    const sizes: number[] = [];
    const many = {
      name: 'many',
      async *read() {
        for (let i = 0; i < 2501; i++) {
          if (i % 100 === 0) sizes.push(heldMemory());
          yield { value: document(`${i} ${'lorem ipsum '.repeat(850)}`, `d${i}`), cursor: i };
        }
      },
    };
    await build(join(root, 'c'), { source: many, stages: [normalize(), exactDedup()] });
    // The 1,600 documents between are 16 MB of text. Blocks that are being compressed come and go, so
    // the least of five moments counts.
    const early = Math.min(...sizes.slice(3, 8));
    const late = Math.min(...sizes.slice(-5));
    expect(late - early).toBeLessThan(8 * 1024 ** 2);
  });
});

/** What is in memory after the garbage has been collected. */
function heldMemory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('splitOf', () => {
  it('depends on text and seed only, and holds out the share asked for', () => {
    const side = (text: string, seed: number): string =>
      splitOf(document(text, String(Math.random())), { validation: 0.1, seed });
    const texts = Array.from({ length: 5000 }, (_, i) => `text ${i}`);
    const held = texts.filter((text) => side(text, 7) === 'validation');
    expect(held.every((text) => side(text, 7) === 'validation')).toBe(true);
    // Binomial with p = 0.1: 500 ± 21.
    expect(Math.abs(held.length - 500)).toBeLessThan(85);
    const both = held.filter((text) => side(text, 8) === 'validation').length;
    expect(both).toBeLessThan(100);
  });

  it('keeps the parts of a document together, where chunk is told to', async () => {
    const books = Array.from({ length: 60 }, (_, i) => `book ${i} says this `.repeat(30));
    const sides = async (keepTogether: boolean): Promise<number> => {
      const { documents } = await apply(chunk({ maxCharacters: 100, keepTogether }), books);
      const seen = new Map<string, Set<string>>();
      for (const part of documents) {
        const [book] = part.id.split('#');
        const side = splitOf(part, { validation: 0.5, seed: 0 });
        seen.set(book, (seen.get(book) ?? new Set()).add(side));
      }
      expect(new Set([...seen.values()].flatMap((set) => [...set])).size).toBe(2);
      return Math.max(...[...seen.values()].map((set) => set.size));
    };
    expect(await sides(true)).toBe(1);
    expect(await sides(false)).toBe(2);
  });

  it('never moves a document when others come, and keeps near duplicates on one side', async () => {
    const root = await temporaryFolder();
    const long = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 60 }, (_, j) => `w${(i * 7919 + j * j * 31) % 997}`).join(' '),
    );
    const stages = [nearDedup()];
    await build(join(root, 'small'), {
      source: memory(long.slice(0, 20)),
      stages,
      validation: 0.3,
    });
    const grown = [...long, ...long.map((text) => `${text} more`)];
    await build(join(root, 'grown'), { source: memory(grown), stages, validation: 0.3 });
    const held = async (name: string): Promise<string[]> =>
      (await collect(readCorpus(join(root, name), 'validation').read(WHOLE))).map(
        ({ text }) => text,
      );
    const before = await held('small');
    const after = await held('grown');
    expect(after.filter((text) => long.slice(0, 20).includes(text))).toEqual(before);
    expect(after.some((text) => text.endsWith('more'))).toBe(false);
  });
});

describe('readCorpus', () => {
  it('refuses what is damaged, truncated, or of another version', async () => {
    const root = await temporaryFolder();
    const directory = join(root, 'c');
    const all = (): Promise<Document[]> => collect(readCorpus(directory, 'train').read(WHOLE));
    await expect(all()).rejects.toMatchObject({ code: 'io' });
    await build(directory);
    const shard = join(directory, 'train-00000.jsonl.gz');
    const path = join(directory, 'report.json');
    const [whole, report] = [await readFile(shard), await readFile(path, 'utf8')];
    const lines = gunzipSync(whole).toString();

    await truncate(shard, whole.length - 20);
    await expect(all()).rejects.toThrow(/gzip data end too early/);
    await writeFile(shard, gzipSync(lines.split('\n').slice(3).join('\n')));
    await expect(all()).rejects.toThrow(/its report says/);
    await writeFile(shard, gzipSync(lines.replace('"id"', '"di"')));
    await expect(all()).rejects.toThrow(/line 1 is not a document/);
    await writeFile(shard, 'not gzip');
    await expect(all()).rejects.toMatchObject({ code: 'bad-file' });

    for (const [from, to, code] of [
      ['"version": 1', '"version": 2', 'corpus/version'],
      ['heddle-corpus', 'other', 'bad-file'],
      ['train-00000.jsonl.gz', '../../secret', 'bad-file'],
      ['"name": "train"', '"name": "other"', 'bad-file'],
      ['{', '', 'bad-file'],
    ]) {
      await writeFile(path, report.replace(from, to));
      const error = await all().catch((caught: unknown) => caught);
      expect(HeddleError.is(error) && error.code).toBe(code);
    }
  });

  it('refuses cursors that are not its own', async () => {
    const root = await temporaryFolder();
    await build(join(root, 'c'));
    const cursors: readonly Cursor[] = [{ document: 10_000 }, { file: 1 }, 'x', null];
    for (const after of cursors) {
      const read = collect(readCorpus(join(root, 'c'), 'train').read({ ...WHOLE, after }));
      await expect(read).rejects.toMatchObject({ code: 'corpus/bad-cursor' });
    }
  });
});

describe('readCorpus, as a source', async () => {
  const root = await temporaryFolder();
  await build(join(root, 'c'), { source: memory(TEXTS.slice(0, 40)), shardBytes: 200 });
  sourceSuite({ runner: { describe, it }, create: () => readCorpus(join(root, 'c'), 'train') });
});
