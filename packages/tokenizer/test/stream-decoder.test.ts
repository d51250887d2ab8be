import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bpeDecoder } from '../src/decoders/bpe.js';
import { byteFallbackDecoder } from '../src/decoders/byte-fallback.js';
import { byteLevelDecoder } from '../src/decoders/byte-level.js';
import { ctcDecoder } from '../src/decoders/ctc.js';
import { metaspaceDecoder } from '../src/decoders/metaspace.js';
import { replaceDecoder } from '../src/decoders/replace.js';
import { fuseDecoder, sequenceDecoder } from '../src/decoders/sequence.js';
import { stripDecoder } from '../src/decoders/strip.js';
import { wordPieceDecoder } from '../src/decoders/word-piece.js';
import { bertJson } from '../src/formats/bert-vocab.js';
import { sentencePieceJson } from '../src/formats/sentencepiece.js';
import type { AddedToken, Decoder, Model } from '../src/parts.js';
import { stringPattern } from '../src/regex/read.js';
import { streamDecoder } from '../src/stream-decoder.js';
import { assemble, type TextTokenizer } from '../src/tokenizer.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';

const SPECIAL = ['<s>', '</s>', '<pad>'];

/** A tokenizer that only decodes. */
function decoding(tokens: readonly string[], decoder: Decoder | null): TextTokenizer {
  const model: Model = {
    vocab: new Map(tokens.map((token, id) => [token, id])),
    encodePiece: () => {},
    toJSON: () => null,
  };
  const addedTokens: AddedToken[] = SPECIAL.map((content, i) => ({
    ...{ id: tokens.length + i, content, special: true, normalized: false },
    ...{ lstrip: false, rstrip: false, singleWord: false },
  }));
  return assemble({
    ...{ addedTokens, normalizer: null, preTokenizer: null, model, postProcessor: null, decoder },
  });
}

const spaces = replaceDecoder(stringPattern('▁'), ' ');
const bytes = (text: string): string[] =>
  [...new TextEncoder().encode(text)].map(
    (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
const words = ['▁', '▁▁', 'a', '▁the', 'cat', '▁cat', '中', '\ufffd', '\ufeff', '__proto__', '.'];
const withBytes = [...words, ...new Set(bytes('中😀é A')), '<0xFF>'];
const llama = (start: number, stop: number): Decoder =>
  sequenceDecoder([spaces, byteFallbackDecoder(), fuseDecoder(), stripDecoder(' ', start, stop)]);
const metaspace = (prependScheme: 'always' | 'first' | 'never'): Decoder =>
  metaspaceDecoder({ replacement: '▁', prependScheme, split: true });

const CASES: readonly (readonly [string, readonly string[], Decoder | null])[] = [
  ['no decoder', ['a', 'cat', '.'], null],
  [
    'byte level',
    [...'ÿâĢðŁĺĢäå½å½¬¸ŃĊĠïĩ', 'the', 'Ġcat', 'Ã©', 'ä¸Ńx', 'ŃĠä', '中', '\ufffd', 'ĺĢðŁ'].filter(
      (token, i, all) => all.indexOf(token) === i,
    ),
    byteLevelDecoder(),
  ],
  [
    'WordPiece',
    ['the', '##s', '##', "'", 's', 'do', 'not', '.', '中', '\ufffd'],
    wordPieceDecoder('##', true),
  ],
  ['WordPiece as it stands', ['the', '##s', '.', '##.'], wordPieceDecoder('##', false)],
  ['Metaspace', words, metaspace('always')],
  ['Metaspace, first', words, metaspace('first')],
  ['Metaspace, never', words, metaspace('never')],
  ['BPE', ['the</w>', 'c', 'at</w>', '.</w>', '</w>'], bpeDecoder('</w>')],
  [
    'CTC',
    ['a', 'b', '|', "'", '-'],
    ctcDecoder({ padToken: '-', wordDelimiterToken: '|', cleanup: true }),
  ],
  ['byte fallback', withBytes, sequenceDecoder([spaces, byteFallbackDecoder(), fuseDecoder()])],
  ['byte fallback, one space stripped', withBytes, llama(1, 0)],
  ['byte fallback, spaces stripped at both ends', withBytes, llama(2, 1)],
  ['byte tokens without byte fallback', withBytes, metaspace('always')],
];

describe.each(CASES)('%s', (_name, tokens, decoder) => {
  const tokenizer = decoding(tokens, decoder);

  it('pushes, joined, are what decode gives at once, for any ids', () => {
    const anyIds = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 40 });
    fc.assert(
      fc.property(anyIds, fc.boolean(), (ids, skipSpecialTokens) => {
        const stream = streamDecoder(tokenizer, { skipSpecialTokens });
        for (const _again of [1, 2]) {
          const text = ids.map((id) => stream.push(id)).join('') + stream.end();
          expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
        }
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('takes the same time for each of many ids', () => {
    for (let id = 0; id < tokenizer.vocabSize; id += 3) {
      const stream = streamDecoder(tokenizer);
      const ids = Array.from({ length: 10_000 }, () => id);
      const start = performance.now();
      const text = ids.map((each) => stream.push(each)).join('') + stream.end();
      expect(performance.now() - start).toBeLessThan(2000);
      expect(text).toBe(tokenizer.decode(ids));
    }
  });
});

describe('what is certain', () => {
  it('a character of bytes comes with its last byte', () => {
    const tokens = ['ð', 'Ł', 'ĺ', 'Ģ', 'a'];
    const tokenizer = decoding(tokens, byteLevelDecoder());
    const stream = streamDecoder(tokenizer);
    expect([0, 1, 2, 3].map((id) => stream.push(id))).toEqual(['', '', '', '😀']);
    expect([0, 1, 4].map((id) => stream.push(id))).toEqual(['', '', '\ufffda']);
    expect([0, 5, 1, 2, 6, 3].map((id) => stream.push(id)).join('')).toBe('😀');
    expect(stream.push(0)).toBe('');
    expect(stream.end()).toBe('\ufffd');
    expect(stream.push(4)).toBe('a');
  });

  it('a run of byte tokens comes when it ends, as one bad byte changes all', () => {
    const tokens = [...bytes('中'), '<0xFF>', 'a'];
    const tokenizer = decoding(tokens, llama(1, 0));
    const stream = streamDecoder(tokenizer);
    expect([0, 1, 2, 4].map((id) => stream.push(id))).toEqual(['', '', '', '中a']);
    expect([0, 1, 2, 3, 4].map((id) => stream.push(id))).toEqual([
      '',
      '',
      '',
      '',
      `${'\ufffd'.repeat(4)}a`,
    ]);
    expect([0, 1, 2].map((id) => stream.push(id)).join('') + stream.end()).toBe('中');
  });

  it('an unknown id is an error, and the stream goes on', () => {
    const tokenizer = decoding(['ð', 'Ł', 'ĺ', 'Ģ'], byteLevelDecoder());
    const stream = streamDecoder(tokenizer);
    expect([0, 1].map((id) => stream.push(id))).toEqual(['', '']);
    expect(() => stream.push(99)).toThrow(
      expect.objectContaining({ code: 'tokenizer/unknown-id' }),
    );
    expect([2, 3].map((id) => stream.push(id))).toEqual(['', '😀']);
  });
});

describe('real tokenizers', () => {
  const data = new URL('../../../../shared/data/tokenizers/', import.meta.url);
  const present = existsSync(data);
  if (!present) console.log(`Real tokenizers: skipped, there is no ${data.pathname}`);
  const bytesOf = (path: string): Buffer => {
    const read = readFileSync(new URL(path, data));
    return path.endsWith('.gz') ? gunzipSync(read) : read;
  };
  const json = (path: string) => (): unknown => JSON.parse(bytesOf(path).toString());

  it.skipIf(!present).each([
    ['gpt2', json('gpt2/tokenizer.json.gz')],
    ['dolma2', json('olmo/dolma2.tokenizer.json.gz')],
    ['gpt-neox-20b-pii-special', json('olmo/gpt-neox-20b-pii-special.tokenizer.json.gz')],
    ['t5', json('sentencepiece/t5-tokenizer.json.gz')],
    ['bert-base-uncased', () => bertJson(bytesOf('bert/bert-base-uncased-vocab.txt').toString())],
    ['mistral-7b-v1', () => sentencePieceJson(bytesOf('sentencepiece/mistral-7b-v1.model'))],
    [
      'sentencepiece-test_model',
      () => sentencePieceJson(bytesOf('sentencepiece/test_model.model')),
    ],
  ])('%s: pushes, joined, are what decode gives, without half a character', (name, load) => {
    const tokenizer = tokenizerFromJson(load());
    const lines = bytesOf(`reference/computed/${name}.ids.jsonl`).toString().trim().split('\n');
    expect(lines).toHaveLength(199);
    for (const skipSpecialTokens of [true, false]) {
      const stream = streamDecoder(tokenizer, { skipSpecialTokens });
      for (const line of lines) {
        const ids: number[] = JSON.parse(line);
        const pushes = ids.map((id) => stream.push(id));
        const whole = tokenizer.decode(ids, { skipSpecialTokens });
        expect(pushes.join('') + stream.end()).toBe(whole);
        if (!whole.includes('\ufffd')) expect(pushes.join('')).not.toMatch(/\ufffd/u);
        for (const push of pushes) expect(push).not.toMatch(/\p{Surrogate}/u);
      }
    }
  });
});
