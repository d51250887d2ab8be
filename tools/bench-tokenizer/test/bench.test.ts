import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { trainBpe } from '@heddle/tokenizer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the command line', () => {
  it('has defaults, and takes lists', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, megabytes: 4, json: false });
    expect(parseOptions(['--', '--parts', 'pool,train', '--vocabularies', 'bert'])).toMatchObject({
      parts: ['pool', 'train'],
      vocabularies: ['bert'],
    });
  });

  it.each([
    [['--parts', 'all'], 'there is no "all"'],
    [['--vocabularies', 'gpt5'], 'there is no "gpt5"'],
    [['--rounds', '0'], 'whole number'],
    [['--speed'], '--speed'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe('a run', () => {
  let data: string;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'heddle-bench-test-'));
    const books = join(data, 'pretrain', 'books_en', 'train');
    await mkdir(books, { recursive: true });
    await writeFile(join(books, 'book.txt.gz'), gzipSync('the cat sat on the mat\n'.repeat(500)));
    const gpt2 = join(data, 'tokenizers', 'gpt2');
    await mkdir(gpt2, { recursive: true });
    const trained = await trainBpe(['the cat sat on the mat '.repeat(9)], { vocabSize: 280 });
    await writeFile(join(gpt2, 'tokenizer.json.gz'), gzipSync(JSON.stringify(trained)));
  });

  afterAll(() => rm(data, { recursive: true }));

  it('measures what is there, and says what is not', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const args = ['--conditions=@heddle/source', '--import', 'tsx', main];
    args.push('--parts', 'encode,pool', '--vocabularies', 'gpt2,bert', '--rounds', '1', '--json');
    const env = { ...process.env, HEDDLE_DATA: data, HEDDLE_PYTHON: '', HEDDLE_PEERS: data };
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
    expect(stdout).toContain('tokenizers: skipped, HEDDLE_PYTHON is not set');
    expect(stdout).toContain('gpt-tokenizer, js-tiktoken: skipped');
    expect(stdout).toContain('bert: skipped, there is no');
    expect(stdout).toContain('novels_zh: skipped');
    expect(stdout).toMatch(/gpt2, books_en, 0.0 MB\n.*\nheddle +[\d.]+ +[\d.]+ +[\d.]+ +\d+$/m);
    const { ratios } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(Object.keys(ratios)).toEqual(
      ['books_en', 'source'].map((text) => `pool, gpt2, ${text}, 2 workers over 1`),
    );
  });
});
