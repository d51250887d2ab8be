import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdList } from '../src/id-list.js';
import type { PieceEnd } from '../src/parts.js';
import { cl100kPattern } from '../src/pre-tokenizers/cl100k-pattern.js';
import { gpt2Pattern } from '../src/pre-tokenizers/gpt2-pattern.js';
import { PieceScanner } from '../src/scanner/piece-scanner.js';
import { CHUNK_BYTES, LONGEST_BYTES } from '../src/scanner/scanner-wasm.js';
import { codePointClasses, OTHER } from '../src/unicode-classes.js';
import { seamText } from './seam-texts.js';

const PATTERNS: readonly (readonly [string, PieceEnd])[] = [
  ['GPT-2', gpt2Pattern()],
  ['cl100k, three digits', cl100kPattern(3)],
  ['cl100k, one digit', cl100kPattern(1)],
];

function started({ pattern }: PieceEnd): PieceScanner {
  const scanner = pattern && PieceScanner.start(pattern);
  if (!scanner) throw new Error('no scanner');
  return scanner;
}

/** Where pieces end by the scanner of JavaScript, in UTF-16 units. */
function endsOf(pieceEnd: PieceEnd, text: string): number[] {
  const ends: number[] = [];
  for (let at = 0; at < text.length; ends.push(at)) at = pieceEnd(text, at, text.length);
  return ends;
}

/** The same by WebAssembly, of a text that fits into one chunk. */
function scannedEnds(scanner: PieceScanner, text: string, more = false): number[] {
  scanner.load(text, 0, text.length);
  expect(scanner.units).toBe(text.length);
  const ends: number[] = [];
  let units = 0;
  let bytes = 0;
  const pieces = scanner.scan(more);
  for (let piece = 0; piece < pieces; piece++) {
    units += scanner.unitsOf(bytes, scanner.endOf(piece));
    bytes = scanner.endOf(piece);
    ends.push(units);
  }
  return ends;
}

it('the checked-in module was made of the checked-in sources', () => {
  const build = fileURLToPath(new URL('../native/build.mjs', import.meta.url));
  expect(() => execFileSync(process.execPath, [build, '--check'], { stdio: 'pipe' })).not.toThrow();
});

it('classes that the scanner has no table for are OTHER', () => {
  expect(codePointClasses().subarray(0x40000)).toEqual(new Uint8Array(0x110000 - 0x40000));
  expect(OTHER).toBe(0);
});

describe.each(PATTERNS)('%s: the pieces are those of JavaScript', (_, pieceEnd) => {
  const scanner = started(pieceEnd);

  it('for every code point of a class, and others, beside letters, numbers, spaces, symbols and itself', () => {
    for (let from = 0; from < 0x110000; from += from < 0x40000 ? 512 : 0x10000) {
      const points = Array.from({ length: 512 }, (_, i) => String.fromCodePoint(from + i));
      const text = points.map((c) => `${c}${c}a${c}1${c} ${c}.${c}  ${c}\n${c}'${c}'s`).join('');
      expect(scannedEnds(scanner, text)).toEqual(endsOf(pieceEnd, text));
    }
  });

  it('for texts that end anywhere', () => {
    fc.assert(
      fc.property(seamText, (text) => {
        expect(scannedEnds(scanner, text)).toEqual(endsOf(pieceEnd, text));
      }),
      { numRuns: 10_000, seed: 1 },
    );
  });

  it('for texts that go on: those which are certain, and all but a few are', () => {
    fc.assert(
      fc.property(seamText, fc.nat(), (whole, place) => {
        fc.pre(whole.length > 0);
        const text = whole.slice(0, 1 + (place % whole.length));
        fc.pre(!/[\ud800-\udbff]$/.test(text));
        const certain = scannedEnds(scanner, text, true);
        const all = endsOf(pieceEnd, whole).filter((end) => end <= text.length);
        expect(certain).toEqual(all.slice(0, certain.length));
        expect(all.length - certain.length).toBeLessThanOrEqual(3);
      }),
      { numRuns: 10_000, seed: 2 },
    );
  });

  it('for a chunk that is full, and one that is one piece', () => {
    const words = 'ab '.repeat(CHUNK_BYTES / 3 + 1).slice(0, CHUNK_BYTES);
    for (const text of [words, '.'.repeat(CHUNK_BYTES), ' '.repeat(CHUNK_BYTES)]) {
      expect(scannedEnds(scanner, text)).toEqual(endsOf(pieceEnd, text));
    }
    expect(scannedEnds(scanner, '.'.repeat(CHUNK_BYTES), true)).toEqual([]);
  });
});

describe('a chunk', () => {
  const scanner = started(gpt2Pattern());

  it('ends before the half of a pair, and before what does not fit', () => {
    const text = `${'a'.repeat(CHUNK_BYTES - 1)}😀b`;
    scanner.load(text, 0, text.length);
    expect([scanner.units, scanner.bytes]).toEqual([CHUNK_BYTES - 1, CHUNK_BYTES - 1]);
    const letters = 'é'.repeat(CHUNK_BYTES);
    scanner.load(letters, 1, letters.length);
    expect([scanner.units, scanner.bytes]).toEqual([CHUNK_BYTES / 2, CHUNK_BYTES]);
  });

  it('has the UTF-16 units of any of its bytes that are characters', () => {
    fc.assert(
      fc.property(seamText, seamText, seamText, (before, text, after) => {
        const all = [before, text, after].map((each) => each.replace(/\p{Surrogate}/gu, '.'));
        scanner.load(all.join(''), 0, all.join('').length);
        const from = Buffer.byteLength(all[0]);
        expect(scanner.unitsOf(from, from + Buffer.byteLength(all[1]))).toBe(all[1].length);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});

describe('what was learnt', () => {
  it('is known again, pieces and tokens of all lengths', () => {
    const scanner = started(gpt2Pattern());
    const words = Array.from(
      { length: LONGEST_BYTES - 1 },
      (_, i) => ` ${'abcdefg'.repeat(20).slice(0, i + 1)}`,
    );
    // Two that differ in the last letter only.
    const text = words.flatMap((word) => [word, `${word.slice(0, -1)}z`]).join('');
    const tokensOf = (piece: number): number[] =>
      Array.from({ length: piece % 3 === 0 ? 1 : (piece >> 1) + 1 }, (_, i) => 1000 * piece + i);
    scanner.load(text, 0, text.length);
    const pieces = scanner.scan(false);
    for (let piece = 0; piece < pieces; piece++) {
      expect(scanner.lookUp(piece)).toBe(piece);
      const tokens = Int32Array.from(tokensOf(piece));
      const list = new IdList(tokens);
      list.length = tokens.length;
      scanner.learn(piece, list);
    }
    scanner.take();
    expect(scanner.lookUp(0)).toBe(pieces);
    const all = Array.from({ length: pieces }, (_, piece) => tokensOf(piece)).flat();
    expect(scanner.take()).toEqual(Int32Array.from(all));
  });
});
