import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { HeddleError, type Tokenizer } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTokenShards, tokenizerFingerprint, writeTokenShards } from '../src/index.js';
import { byteTokenizer, memory, temporaryFolder } from './support.js';

const END = 256;

/** The ids that `texts` should become. */
function idsOf(texts: readonly string[]): number[] {
  return texts.flatMap((text) => [...Buffer.from(text), END]);
}

describe('token shards', () => {
  it('have a name that does not change when they are moved, and are readable to others', async () => {
    const root = await temporaryFolder();
    const [first, second] = [join(root, 'first'), join(root, 'second')];
    const tokenizer = byteTokenizer(257);
    await writeTokenShards({ documents: memory(['abc', 'de']), tokenizer, directory: first });
    const plain = join(root, 'plain');
    await mkdir(plain);
    expect((await stat(first)).mode).toBe((await stat(plain)).mode);
    const before = await openTokenShards(first);
    await before.close();
    await rename(first, second);
    await using after = await openTokenShards(second);
    expect(after.name).toBe(before.name);
  });

  it('give back every token, across shards and by document', async () => {
    const root = await temporaryFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(400), fc.nat(100)), { maxLength: 5 }),
        async (texts, shardTokens, wide, ranges) => {
          const directory = join(await mkdtemp(join(root, 'case-')), 'tokens');
          const tokenizer = byteTokenizer(wide ? 70_000 : 257);
          const documents = memory(texts);
          const report = await writeTokenShards({ documents, tokenizer, directory, shardTokens });
          await using shards = await openTokenShards(directory, { tokenizer });
          const wanted = idsOf(texts);
          expect(shards.dtype).toBe(wide ? 'u32' : 'u16');
          expect([shards.length, shards.documents]).toEqual([wanted.length, texts.length]);
          expect(shards.textBytes).toBe(wanted.length - texts.length);
          expect([...(await shards.read(0, shards.length))]).toEqual(wanted);
          for (const [from, most] of ranges) {
            const start = Math.min(from, wanted.length);
            const count = Math.min(most, wanted.length - start);
            expect([...(await shards.read(start, count))]).toEqual(
              wanted.slice(start, start + count),
            );
          }
          for (const [i, text] of texts.entries()) {
            expect([...(await shards.document(i))]).toEqual(idsOf([text]));
          }
          expect(report.shards.reduce((sum, shard) => sum + shard.tokens, 0)).toBe(wanted.length);
          for (const { tokens, documents } of report.shards) {
            expect(tokens <= shardTokens || documents === 1).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are the same bytes for the same input, and tell progress', async () => {
    const root = await temporaryFolder();
    const seen: number[] = [];
    for (const name of ['one', 'two']) {
      await writeTokenShards({
        documents: memory(['a', 'bc', 'def']),
        tokenizer: byteTokenizer(),
        directory: join(root, name),
        onProgress: ({ tokens }) => seen.push(tokens),
      });
    }
    expect(seen).toEqual([2, 5, 9, 2, 5, 9]);
    for (const name of await readdir(join(root, 'one'))) {
      expect(await readFile(join(root, 'one', name))).toEqual(
        await readFile(join(root, 'two', name)),
      );
    }
  });

  it('refuse ranges outside', async () => {
    const directory = join(await temporaryFolder(), 't');
    await writeTokenShards({ documents: memory(['abc']), tokenizer: byteTokenizer(), directory });
    await using shards = await openTokenShards(directory);
    for (const [start, count] of [
      [-1, 2],
      [0, 5],
      [4, 1],
      [0.5, 1],
      [0, -1],
      [Number.NaN, 1],
    ]) {
      await expect(shards.read(start, count)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
    for (const number of [-1, 1, 0.5]) {
      await expect(shards.document(number)).rejects.toMatchObject({ code: 'invalid-argument' });
    }
  });
});

describe('writeTokenShards refuses', () => {
  const attempt = async (
    tokenizer: Tokenizer,
    options: {
      dtype?: 'u16' | 'u32';
      endOfText?: string;
      texts?: string[];
      signal?: AbortSignal;
    } = {},
  ): Promise<unknown> => {
    const directory = join(await temporaryFolder(), 't');
    const { texts = ['abc'], ...rest } = options;
    const written = writeTokenShards({ documents: memory(texts), tokenizer, directory, ...rest });
    const error = await written.catch((caught: unknown) => caught);
    expect(await readdir(join(directory, '..'))).toEqual([]);
    return error;
  };

  it('a vocabulary larger than the dtype', async () => {
    expect(await attempt(byteTokenizer(65_537), { dtype: 'u16' })).toMatchObject({
      code: 'corpus/vocabulary-too-large',
      details: { vocabSize: 65_537, dtype: 'u16', largest: 65_536 },
    });
    expect(await attempt(byteTokenizer(2 ** 31 + 1))).toMatchObject({
      code: 'corpus/vocabulary-too-large',
      details: { dtype: 'u32' },
    });
  });

  it('tokenizers without an end of text, or with ids outside of their vocabulary', async () => {
    const missing = await attempt(byteTokenizer(), { endOfText: '</s>' });
    expect(missing).toMatchObject({ code: 'corpus/no-end-of-text', details: { token: '</s>' } });
    for (const id of [257, -1]) {
      const lying: Tokenizer = {
        ...byteTokenizer(),
        encode: () => ({ ids: Int32Array.of(5, id) }),
      };
      expect(await attempt(lying)).toMatchObject({
        code: 'corpus/token-out-of-range',
        details: { document: 'd0', id, vocabSize: 257 },
      });
    }
  });

  it('no documents, and stops on abort', async () => {
    expect(await attempt(byteTokenizer(), { texts: [] })).toMatchObject({ code: 'corpus/empty' });
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await attempt(byteTokenizer(), { signal })).toMatchObject({ message: 'enough' });
  });
});

describe('openTokenShards refuses', () => {
  /** What opening and reading says after `change` was made to good shards. */
  const verdict = async (
    change: (directory: string) => Promise<void>,
    tokenizer?: Tokenizer,
  ): Promise<unknown> => {
    const directory = join(await temporaryFolder(), 't');
    await writeTokenShards({
      documents: memory(['first text', 'second', 'third']),
      tokenizer: byteTokenizer(),
      directory,
      shardTokens: 12,
    });
    await change(directory);
    try {
      await using shards = await openTokenShards(directory, { tokenizer });
      await shards.read(0, shards.length);
      for (let i = 0; i < shards.documents; i++) await shards.document(i);
      return 'no error';
    } catch (error) {
      return error;
    }
  };
  const patch =
    (file: string, edit: (bytes: Buffer) => void) =>
    async (directory: string): Promise<void> => {
      const bytes = await readFile(join(directory, file));
      edit(bytes);
      await writeFile(join(directory, file), bytes);
    };

  it('nothing that is right', async () => {
    expect(await verdict(async () => {}, byteTokenizer())).toBe('no error');
  });

  it.each<[string, (directory: string) => Promise<void>, RegExp]>([
    ['an empty file', (d) => truncate(join(d, 'tokens-00000.bin'), 0), /ends within its header/],
    ['a cut header', (d) => truncate(join(d, 'tokens-00000.bin'), 40), /ends within its header/],
    ['cut tokens', (d) => truncate(join(d, 'tokens-00001.bin'), 70), /promises \d+ bytes/],
    ['a cut index', (d) => truncate(join(d, 'tokens-00000.idx'), 20), /need \d+ bytes/],
    ['a long file', (d) => writeFile(join(d, 'tokens-00000.bin'), 'x', { flag: 'a' }), /promises/],
    ['another magic', patch('tokens-00000.bin', (b) => b.write('X')), /does not begin with/],
    ['another index magic', patch('tokens-00000.idx', (b) => b.write('X')), /does not begin with/],
    ['an odd width', patch('tokens-00000.bin', (b) => b.writeUInt32LE(3, 12)), /3 bytes a token/],
    [
      'a vocabulary larger than the dtype',
      patch('tokens-00000.bin', (b) => b.writeUInt32LE(65_537, 16)),
      /does not fit into its dtype/,
    ],
    [
      'an end of text outside',
      patch('tokens-00000.bin', (b) => b.writeUInt32LE(257, 20)),
      /end-of-text id 257/,
    ],
    [
      'a huge count',
      patch('tokens-00000.bin', (b) => b.writeBigUInt64LE(2n ** 63n, 24)),
      /promises/,
    ],
    ['a wrong count', patch('tokens-00000.bin', (b) => b.writeBigUInt64LE(1n, 24)), /promises/],
    [
      'too many documents',
      patch('tokens-00000.bin', (b) => b.writeBigUInt64LE(99n, 32)),
      /99 documents in/,
    ],
    [
      'another fingerprint',
      patch('tokens-00001.bin', (b) => b.writeUInt32LE(1, 48)),
      /its fingerprint is not/,
    ],
    [
      'other text bytes',
      patch('tokens-00001.bin', (b) => b.writeUInt32LE(1, 40)),
      /its textBytes are/,
    ],
    [
      'an id outside of the vocabulary',
      patch('tokens-00000.bin', (b) => b.writeUInt16LE(300, 66)),
      /holds id 300/,
    ],
    [
      'a document past the end',
      patch('tokens-00000.idx', (b) => b.writeBigUInt64LE(900n, 16)),
      /from 0 to 900/,
    ],
    [
      'documents in disorder',
      patch('tokens-00001.idx', (b) => b.writeBigUInt64LE(0n, 16)),
      /from 0 to 0/,
    ],
    [
      'a report of another format',
      patch('tokens.json', (b) => b.write('x', b.indexOf('heddle'))),
      /does not say/,
    ],
    [
      'a missing shard',
      async (d) =>
        writeFile(
          join(d, 'tokens.json'),
          (await readFile(join(d, 'tokens.json'), 'utf8')).replace(/"shards": \[[^{]*\{/, '$&}, {'),
        ),
      /lists|entry|ENOENT/,
    ],
  ])('%s', async (_, change, message) => {
    const error = await verdict(change);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(HeddleError.is(error, 'bad-file') || HeddleError.is(error, 'io')).toBe(true);
  });

  it('other versions', async () => {
    for (const change of [
      patch('tokens-00000.bin', (b) => b.writeUInt32LE(2, 8)),
      patch('tokens-00000.idx', (b) => b.writeUInt32LE(2, 8)),
      patch('tokens.json', (b) => b.write('2', b.indexOf('"version": 1') + 11)),
    ]) {
      expect(await verdict(change)).toMatchObject({
        code: 'corpus/version',
        details: { given: 2, supported: 1 },
      });
    }
  });

  it('another tokenizer', async () => {
    expect(await verdict(async () => {}, byteTokenizer(300))).toMatchObject({
      code: 'corpus/tokenizer-mismatch',
      details: { given: tokenizerFingerprint(byteTokenizer(300)) },
    });
  });

  it('a folder that is not there', async () => {
    await expect(openTokenShards('/no/such/folder')).rejects.toMatchObject({ code: 'io' });
  });
});

describe('tokenizerFingerprint', () => {
  const of = (json: Record<string, number>): string =>
    tokenizerFingerprint({ ...byteTokenizer(), toJSON: () => json });

  it('goes by content, not by the order of keys', () => {
    expect(of({ a: 1, b: 2 })).toBe(of({ b: 2, a: 1 }));
    expect(of({ a: 1, b: 2 })).not.toBe(of({ a: 2, b: 1 }));
    expect(of({ ['__proto__']: 1 })).not.toBe(of({}));
    expect(of({ a: 1 })).toMatch(/^[0-9a-f]{32}$/);
  });
});
