import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tokenizerPool } from '../src/batch/tokenizer-pool.js';
import { type TextTokenizer, tokenizerFromJson, trainBpe } from '../src/index.js';
import { bpeModel } from '../src/models/bpe-model.js';
import type { Model } from '../src/parts.js';
import { byteLevelPreTokenizer } from '../src/pre-tokenizers/byte-level.js';
import { PieceScanner } from '../src/scanner/piece-scanner.js';
import { scanInWasm } from '../src/scanner/scan-in-wasm.js';
import { CHUNK_BYTES, LONGEST_BYTES } from '../src/scanner/scanner-wasm.js';
import { assemble } from '../src/tokenizer.js';
import { type EncodingGolden, golden } from './golden.js';
import { seamText } from './seam-texts.js';

const { tokenizer: json, strings, special } = golden<EncodingGolden>('encoding.json');

const split = (regex: string): object => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const gpt2Split = split(
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
);
const cl100k = (numbers: string): object => ({
  type: 'Sequence',
  pretokenizers: [
    split(
      `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
    ),
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
});
const SECTIONS = new Map<string, object>([
  ['GPT-2', {}],
  [
    'GPT-2 with a space before',
    { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true } },
  ],
  ['cl100k', { pre_tokenizer: cl100k('\\p{N}{1,3}') }],
  ['Qwen2', { pre_tokenizer: cl100k('\\p{N}'), normalizer: { type: 'NFC' } }],
]);
const KINDS = [...SECTIONS.keys()];

/** Enough text for a tokenizer to take a scanner. */
const MUCH = 'what a tokenizer has seen. '.repeat(2500);

function tokenizerOf(kind: string): TextTokenizer {
  return tokenizerFromJson({ ...json, ...SECTIONS.get(kind) });
}

function scanning(kind: string): TextTokenizer {
  const tokenizer = tokenizerOf(kind);
  const start = vi.spyOn(PieceScanner, 'start');
  tokenizer.encode(MUCH);
  expect(start).toHaveBeenCalledOnce();
  expect(start.mock.results[0].value).toBeInstanceOf(PieceScanner);
  start.mockRestore();
  return tokenizer;
}

/** The ids of a text are those of JavaScript's way, which is the one that offsets come from. */
function expectSame(tokenizer: TextTokenizer, text: string, parseSpecialTokens = false): void {
  const { ids } = tokenizer.encode(text, { parseSpecialTokens });
  const wanted = tokenizer.encode(text, { parseSpecialTokens, offsets: true }).ids;
  expectEqual(ids, wanted);
}

/** As `toEqual`, which is slow for long arrays. */
function expectEqual(ids: Int32Array, wanted: Int32Array): void {
  const [a, b] = [ids, wanted].map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  expect(a.equals(b)).toBe(true);
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('a tokenizer', () => {
  it('has no scanner before it has seen much text, and then one', () => {
    const start = vi.spyOn(PieceScanner, 'start');
    const tokenizer = tokenizerOf('GPT-2');
    for (let units = 0; units + 1000 <= 1 << 16; units += 1000) tokenizer.encode('a'.repeat(1000));
    expect(start).not.toHaveBeenCalled();
    for (let i = 0; i < 5; i++) tokenizer.encode('a'.repeat(1000));
    expect(start).toHaveBeenCalledOnce();
  });

  it('that is trained has one too', async () => {
    const start = vi.spyOn(PieceScanner, 'start');
    const tokenizer = await trainBpe([MUCH], { vocabSize: 300 });
    expectSame(tokenizer, MUCH);
    expect(start).toHaveBeenCalledOnce();
  });

  it.each([
    ['pieces that it does not cut', { type: 'Whitespace' }],
    ['a model of characters', gpt2Split],
  ])('has none for %s', (_, preTokenizer) => {
    const start = vi.spyOn(PieceScanner, 'start');
    tokenizerFromJson({ ...json, pre_tokenizer: preTokenizer }).encode(MUCH);
    expect(start).not.toHaveBeenCalled();
  });
});

describe.each(KINDS)('%s: the ids are those of JavaScript', (kind) => {
  it('for texts of all that there is a rule for', () => {
    const tokenizer = scanning(kind);
    for (const text of [...strings, ...special]) expectSame(tokenizer, text, true);
    fc.assert(
      fc.property(seamText, fc.boolean(), (text, parseSpecialTokens) =>
        expectSame(tokenizer, text, parseSpecialTokens),
      ),
      { numRuns: 4000, seed: 1 },
    );
  });

  it('for texts that are longer than a chunk', () => {
    const tokenizer = scanning(kind);
    const filler = 'one word, 2 words '.repeat(CHUNK_BYTES / 16).slice(0, CHUNK_BYTES);
    fc.assert(
      fc.property(seamText, seamText, fc.nat(200), fc.boolean(), (a, b, before, twice) => {
        const text = filler.slice(0, CHUNK_BYTES - before) + a + b;
        expectSame(tokenizer, twice ? text + filler + b + a : text);
      }),
      { numRuns: 150, seed: 2 },
    );
  });

  it('for pieces that are longer than a chunk', () => {
    const tokenizer = scanning(kind);
    for (const unit of ['a', ' ', '\n', '7', '.', '中', '😀', '\ud800']) {
      for (const units of [CHUNK_BYTES, 2.5 * CHUNK_BYTES]) {
        const run = unit.repeat(units / unit.length);
        expectSame(tokenizer, `${run}x`);
        expectSame(tokenizer, `x y${run}`);
        expectSame(tokenizer, `${MUCH}${run} ${MUCH}\n${run}!`);
      }
    }
  });

  it('for pieces too long to be remembered, and just not', () => {
    const tokenizer = scanning(kind);
    for (let length = LONGEST_BYTES - 2; length <= LONGEST_BYTES + 2; length++) {
      const word = 'abcdefgh'.repeat(20).slice(0, length);
      for (let round = 0; round < 2; round++) expectSame(tokenizer, `${word} 中${word} x`);
    }
  });
});

describe('more pieces than are remembered', () => {
  /** Letters that tell the number. */
  const word = (i: number): string => i.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)]);

  /** Combining marks, and then up to 11 times U+0000, which also stands after the end of a key. */
  const marks = (i: number): string =>
    word(Math.floor(i / 12)).replace(/./g, (c) =>
      String.fromCharCode(0x300 + (c.charCodeAt(0) & 31)),
    ) + '\0'.repeat(i % 12);

  it.each([
    ['short ones', ' ', word],
    [
      'long ones, which fill the memory before',
      ' ',
      (i: number) => word(i).padStart(100, 'zyxwvut'),
    ],
    ['ones that differ in zeros at the end', 'a', marks],
  ])('%s', (_, between, piece) => {
    const tokenizer = scanning('GPT-2');
    const texts = Array.from({ length: 80 }, (_, part) =>
      Array.from({ length: 1000 }, (_, i) => piece(part * 1000 + i)).join(between),
    );
    for (const text of [...texts, ...texts.slice(0, 3)]) expectSame(tokenizer, text);
  });
});

describe('where WebAssembly does not run', () => {
  class Refused {
    constructor() {
      throw new Error('not allowed');
    }
  }

  it.each([
    ['it is missing', undefined],
    ['no module is made', { Module: Refused, Instance: Refused }],
    ['no instance is made', { Module: class {}, Instance: Refused }],
  ])('because %s, the ids are the same', async (_, engine) => {
    const expected = scanning('cl100k').encode(MUCH + strings.join('\n')).ids;
    vi.stubGlobal('WebAssembly', engine);
    vi.resetModules();
    const fresh = await import('../src/index.js');
    const tokenizer = fresh.tokenizerFromJson({ ...json, ...SECTIONS.get('cl100k') });
    for (let round = 0; round < 2; round++) {
      expect(tokenizer.encode(MUCH + strings.join('\n')).ids).toEqual(expected);
    }
  });
});

describe('with a model that is not BPE', () => {
  /** One id a UTF-16 unit, so many times. */
  function units(times: number, refused?: string): Model {
    const vocab = new Map(Array.from({ length: 256 }, (_, id) => [String(id), id]));
    const encode: Model['encodePiece'] = (text, start, end, out) => {
      for (let i = start; i < end; i++) {
        if (text[i] === refused) throw new Error(`no ${refused}`);
        for (let k = 0; k < times; k++) out.push(text.charCodeAt(i) & 255);
      }
    };
    return { vocab, encodePiece: encode, encodeUncached: encode, toJSON: () => null };
  }

  function tokenizerWith(model: Model): TextTokenizer {
    return assemble({
      addedTokens: [],
      normalizer: null,
      preTokenizer: byteLevelPreTokenizer({ addPrefixSpace: false }),
      model,
      postProcessor: null,
      decoder: null,
      accelerate: scanInWasm,
    });
  }

  it.each([0, 1, 2, 5])('%i tokens a byte come as the model gives them', (times) => {
    const start = vi.spyOn(PieceScanner, 'start');
    const tokenizer = tokenizerWith(units(times));
    for (const text of [MUCH, MUCH, 'x'.repeat(3 * CHUNK_BYTES), 'some words some words some']) {
      const wanted = Array.from(text, (char) => new Array(times).fill(char.charCodeAt(0))).flat();
      expectEqual(tokenizer.encode(text).ids, Int32Array.from(wanted));
    }
    expect(start).toHaveBeenCalledOnce();
  });

  it('an error of the model leaves the scanner as it was', () => {
    const tokenizer = tokenizerWith(units(1, 'X'));
    tokenizer.encode(MUCH);
    const texts = ['before the X, and after it', 'new words, then X again', `${MUCH} X ${MUCH}`];
    for (const text of texts) {
      expect(() => tokenizer.encode(text)).toThrow('no X');
      const right = text.replace('X', 'Y');
      const wanted = Int32Array.from(right, (char) => char.charCodeAt(0));
      expectEqual(tokenizer.encode(right).ids, wanted);
    }
  });
});

it('halves of pairs are U+FFFD, whichever of them came first', () => {
  const model = json.model as { readonly vocab: { readonly [token: string]: number } };
  const vocab = new Map(Object.entries(model.vocab));
  const whole = vocab.size;
  vocab.set('ï¿½ï¿½', whole); // U+FFFD twice, in the byte alphabet
  for (const texts of [
    ['\ud800\ud800', '\ufffd\ufffd'],
    ['\ufffd\ufffd', '\udc00\ud800'],
  ]) {
    const tokenizer = assemble({
      addedTokens: [],
      normalizer: null,
      preTokenizer: byteLevelPreTokenizer({ addPrefixSpace: false }),
      model: bpeModel(vocab, new Int32Array(), { ignoreMerges: true }),
      postProcessor: null,
      decoder: null,
      accelerate: scanInWasm,
    });
    for (const text of texts) expect([...tokenizer.encode(text).ids]).toEqual([whole]);
    tokenizer.encode(MUCH);
    for (const text of texts) {
      const { ids } = tokenizer.encode(`${text} and more of it`);
      expect(ids[0]).toBe(whole);
      expectSame(tokenizer, `${text} and more of it`);
    }
  }
});

it('tokenizers side by side do not know of each other', async () => {
  const other = await trainBpe([MUCH], { vocabSize: 400 });
  const tokenizers = [scanning('GPT-2'), scanning('cl100k'), other];
  fc.assert(
    fc.property(seamText, (text) => {
      for (const tokenizer of tokenizers) expectSame(tokenizer, `${text} what a tokenizer has`);
    }),
    { numRuns: 500, seed: 3 },
  );
});

it('workers of a pool give the same ids', async () => {
  const tokenizer = tokenizerOf('cl100k');
  const texts = Array.from({ length: 12 }, (_, i) => `${MUCH}${strings.join(`\n${i} `)}`);
  await using pool = await tokenizerPool(tokenizer.toJSON(), { workers: 2 });
  for (let round = 0; round < 2; round++) {
    const { ids, starts } = await pool.encodeBatch(texts);
    for (const [i, text] of texts.entries()) {
      const wanted = tokenizer.encode(text, { offsets: true }).ids;
      expectEqual(ids.subarray(starts[i], starts[i + 1]), wanted);
    }
  }
});
