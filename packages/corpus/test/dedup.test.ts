import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { type Document, HeddleError, randomWords, rngKey } from '@heddle/core';
import { stageSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { chunk, estimateJaccard, exactDedup, minHasher, nearDedup } from '../src/index.js';
import { DigestSet } from '../src/stages/digest-set.js';
import { shingleHashes } from '../src/stages/minhash.js';
import { apply, document, shared } from './support.js';

/** Some words from a vocabulary of 5,000, the same for the same seed. */
function randomText(seed: number, words: number): string {
  return Array.from(randomWords(rngKey(seed), words), (word) => `w${word % 5000}`).join(' ');
}

/** The set of word n-grams of a text, by the definition. */
function shinglesOf(text: string, ngram: number): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const size = Math.min(ngram, words.length);
  return new Set(
    Array.from({ length: words.length - size + 1 }, (_, i) => words.slice(i, i + size).join(' ')),
  );
}

function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let both = 0;
  for (const shingle of left) if (right.has(shingle)) both++;
  return both / (left.size + right.size - both);
}

function trueJaccard(a: string, b: string, ngram: number): number {
  return jaccard(shinglesOf(a, ngram), shinglesOf(b, ngram));
}

/** `text` with the words from `from` on replaced by others. */
function rewritten(text: string, from: number, seed: number): string {
  const words = text.split(' ');
  return [...words.slice(0, from), ...randomText(seed, words.length - from).split(' ')].join(' ');
}

describe('exactDedup', () => {
  it('drops what came before, but for white space', async () => {
    const texts = ['a b', 'a c', 'a\n\n b ', 'a b!', 'a c'];
    const { documents, drops } = await apply(exactDedup(), texts);
    expect(documents.map(({ id }) => id)).toEqual(['d0', 'd1', 'd3']);
    expect(drops.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([
      'd2: exact-duplicate',
      'd4: exact-duplicate',
    ]);
  });

  it('keeps digests apart however many there are', () => {
    const set = new DigestSet();
    const digest = (i: number): Uint8Array => createHash('sha256').update(String(i)).digest();
    let added = 0;
    for (let i = 0; i < 20_000; i++) if (set.add(digest(i))) added++;
    expect(added).toBe(20_000);
    for (let i = 0; i < 20_000; i++) if (set.add(digest(i))) added++;
    expect(added).toBe(20_000);
    expect(set.size).toBe(20_000);
  });
});

describe('MinHash', () => {
  it('estimates the Jaccard similarity without bias, as exactly as theory says', () => {
    const permutations = 256;
    const hasher = minHasher({ ngram: 5, permutations, seed: 1 });
    let sumOfErrors = 0;
    let sumOfSquares = 0;
    let variance = 0;
    const pairs = 200;
    for (let i = 0; i < pairs; i++) {
      const a = randomText(i, 300);
      const b = rewritten(a, 20 + Math.floor((i / pairs) * 270), 10_000 + i);
      const real = trueJaccard(a, b, 5);
      const left = hasher(a);
      const right = hasher(b);
      if (left === undefined || right === undefined) throw new Error('no signature');
      const error = estimateJaccard(left, right) - real;
      expect(Math.abs(error)).toBeLessThan(
        4.5 * Math.sqrt((real * (1 - real)) / permutations) + 1e-9,
      );
      sumOfErrors += error;
      sumOfSquares += error * error;
      variance += (real * (1 - real)) / permutations;
    }
    expect(Math.abs(sumOfErrors)).toBeLessThan(3 * Math.sqrt(variance));
    expect(sumOfSquares / variance).toBeGreaterThan(0.7);
    expect(sumOfSquares / variance).toBeLessThan(1.3);
  });

  it('hashes words, not what stands between them, and characters of unspaced scripts', () => {
    const hashes = (text: string): number[] => Array.from(shingleHashes(text, 2));
    expect(hashes('The cat, sat!')).toEqual(hashes('the CAT\n sat'));
    expect(hashes('the cat sat')).not.toEqual(hashes('the sat cat'));
    expect(hashes('世界你好').length).toBe(3);
    expect(hashes('abc世界').length).toBe(2);
    expect(hashes('one').length).toBe(1);
    expect(hashes('...')).toEqual([]);
  });
});

describe('nearDedup', () => {
  it('drops near duplicates and keeps the rest, in any number', async () => {
    const originals = Array.from({ length: 3000 }, (_, i) => document(randomText(i, 60), `o${i}`));
    const copies = originals
      .filter((_, i) => i % 10 === 0)
      .map(({ text }, i) => document(rewritten(text, 58, 50_000 + i), `copy${i}`));
    const cousins = originals
      .filter((_, i) => i % 10 === 5)
      .map(({ text }, i) => document(rewritten(text, 30, 70_000 + i), `cousin${i}`));
    const { documents, drops } = await apply(nearDedup(), [...originals, ...copies, ...cousins]);
    expect(drops.filter(({ id }) => id.startsWith('copy')).length).toBe(300);
    expect(drops.length).toBe(300);
    expect(documents.length).toBe(3300);
  });

  it('goes by threshold and seed only', async () => {
    const a = randomText(1, 400);
    const b = rewritten(a, 370, 2);
    const real = trueJaccard(a, b, 5);
    expect(real).toBeGreaterThan(0.8);
    const left = async (threshold: number, seed: number): Promise<number> =>
      (await apply(nearDedup({ threshold, seed, permutations: 256, bands: 64 }), [a, b])).documents
        .length;
    for (const seed of [0, 1, 2]) {
      expect(await left(real - 0.15, seed)).toBe(1);
      expect(await left(real + 0.1, seed)).toBe(2);
    }
  });

  it('passes documents without words', async () => {
    expect((await apply(nearDedup(), ['...', '---', '...'])).drops).toEqual([]);
  });

  it('finds in C4 what comparing every pair finds', async (context) => {
    const { path, missing } = shared('pretrain/web/c4/c4_300.jsonl.gz');
    if (missing) return context.skip(missing);
    const texts = gunzipSync(readFileSync(path))
      .toString()
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text);
    // Real pages, and the same pages as another site would show them.
    const framed = texts.slice(0, 100).map((text) => `Home | About\n${text}\nAll rights reserved.`);
    const all = [...texts, ...framed];
    const shingles = all.map((text) => shinglesOf(text, 5));
    const expected = shingles.flatMap((set, i) => {
      const isNear = shingles.slice(0, i).some((other) => {
        const ratio = set.size / other.size;
        return ratio >= 0.8 && ratio <= 1.25 && jaccard(set, other) >= 0.8;
      });
      return isNear ? [`d${i}`] : [];
    });
    const { drops } = await apply(nearDedup({ permutations: 256, bands: 32 }), all);
    const found = new Set(drops.map(({ id }) => id));
    const missed = expected.filter((id) => !found.has(id));
    expect(expected.length).toBeGreaterThan(80);
    // Pairs within the estimate's error of the threshold may fall on either side.
    expect(missed.length).toBeLessThan(0.05 * expected.length);
    expect(found.size - (expected.length - missed.length)).toBeLessThan(0.05 * expected.length);
  });

  it('finds what two editions of a book share, and nothing in other books', async (context) => {
    const first = shared('pretrain/books_en/train/darwin-origin-of-species-1st-edition.txt.gz');
    const sixth = shared(
      'pretrain/books_en/near_duplicate/darwin-origin-of-species-6th-edition.txt.gz',
    );
    const other = shared('pretrain/books_en/val/london-the-sea-wolf.txt.gz');
    if (first.missing ?? sixth.missing ?? other.missing) {
      return context.skip(first.missing ?? sixth.missing ?? other.missing);
    }
    const paragraphs = (path: string, name: string): Document[] =>
      gunzipSync(readFileSync(path))
        .toString()
        .split(/\r?\n\s*\r?\n/)
        .filter((text) => text.length > 400)
        .map((text, i) => document(text, `${name}:${i}`));
    const darwin = paragraphs(first.path, 'first');
    const { drops } = await apply(nearDedup({ threshold: 0.7 }), [
      ...darwin,
      ...paragraphs(other.path, 'other'),
      ...paragraphs(sixth.path, 'sixth'),
    ]);
    const from = (name: string): number => drops.filter(({ id }) => id.startsWith(name)).length;
    // The chapters' contents are printed twice.
    for (const { id } of drops.filter((drop) => drop.id.startsWith('first'))) {
      const at = darwin.findIndex((paragraph) => paragraph.id === id);
      const likest = darwin.slice(0, at).map(({ text }) => trueJaccard(darwin[at].text, text, 5));
      expect(Math.max(...likest)).toBeGreaterThan(0.55);
    }
    expect(from('first')).toBeLessThan(darwin.length / 50);
    expect(from('other')).toBe(0);
    expect(from('sixth')).toBeGreaterThan(darwin.length / 10);
  });

  it('checks its options', () => {
    for (const options of [{ threshold: 2 }, { bands: 7 }, { ngram: 0 }, { permutations: 1.5 }]) {
      expect(() => nearDedup(options)).toThrow(HeddleError);
    }
  });
});

/** A full collection, so that array buffers nobody holds no longer count. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  gc();
  gc();
}

describe('memory of deduplication', () => {
  it('stays within the documented bytes for each document', async () => {
    const stages = [exactDedup(), nearDedup()];
    const sizes: number[] = [];
    const feed = async function* () {
      for (let i = 0; i < 16_385; i++) {
        // At each doubling the tables are as large as they get.
        if (i === 1 || i === 16_384) {
          collectGarbage();
          sizes.push(process.memoryUsage().arrayBuffers);
        }
        yield { value: document(randomText(i, 8), `d${i}`), cursor: i };
      }
    };
    let kept = 0;
    for await (const _ of stages[1](stages[0](feed()))) kept++;
    expect(kept).toBe(16_385);
    const perDocument = (sizes[1] - sizes[0]) / 16_384;
    expect(perDocument).toBeGreaterThan(600);
    expect(perDocument).toBeLessThan(704 + 46 + 60);
  });
});

describe('chunks of one document', () => {
  it('are deduplicated like documents', async () => {
    const page = `${'The same page again, word for word. '.repeat(3)}\n\n`;
    const { documents } = await apply(chunk({ maxCharacters: page.length }), [page.repeat(4)]);
    expect(documents.length).toBe(4);
    expect((await apply(exactDedup(), documents)).documents.length).toBe(1);
  });
});

describe('exactDedup, as a stage', () => {
  const inputs = ['a', 'b', 'a', 'c'].map((text, i) => document(text, `d${i}`));
  stageSuite({ runner: { describe, it }, create: () => exactDedup(), inputs, stateful: true });
});

describe('nearDedup, as a stage', () => {
  const inputs = [0, 1, 0, 2].map((seed, i) => document(randomText(seed, 20), `d${i}`));
  stageSuite({ runner: { describe, it }, create: () => nearDedup(), inputs, stateful: true });
});
