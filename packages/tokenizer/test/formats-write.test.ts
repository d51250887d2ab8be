import { HeddleError, type Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BYTE_CHARS } from '../src/byte-alphabet.js';
import {
  bertJson,
  cl100kBase,
  gpt2Json,
  sentencePieceJson,
  tiktokenJson,
  toBertVocab,
  toGpt2Files,
  toSentencePiece,
  toTiktoken,
} from '../src/formats/index.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { type FormatsGolden, golden } from './golden.js';
import {
  type ByteLevelOptions,
  byteLevel,
  type Content,
  changed,
  characterBpe,
  refusal,
  unigram,
} from './writable-content.js';

const { tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');

describe('files that are read, and written again', () => {
  it.each(sentencepiece)('SentencePiece, $name: give the same tokenizer', ({ file }) => {
    const json = sentencePieceJson(Uint8Array.from(Buffer.from(file, 'base64')));
    const written = toSentencePiece(tokenizerFromJson(json));
    expect(sentencePieceJson(written)).toEqual(json);
  });

  it('SentencePiece: the tokens that begin and end a text stay so', () => {
    const file = Uint8Array.from(Buffer.from(sentencepiece[0].file, 'base64'));
    const json = sentencePieceJson(file, { addBos: true, addEos: true });
    const written = toSentencePiece(tokenizerFromJson(json));
    expect(sentencePieceJson(written, { addBos: true, addEos: true })).toEqual(json);
  });

  it('tiktoken: give the same bytes', () => {
    const json = tiktokenJson(tiktoken.file, cl100kBase);
    expect(toTiktoken({ toJSON: () => json })).toBe(tiktoken.file);
  });

  it("Whisper's empty token stays what it is", () => {
    const file = `${tiktoken.file}= 700\n`;
    const json = tiktokenJson(file, { pattern: 'gpt2' });
    expect(toTiktoken({ toJSON: () => json })).toBe(file);
  });

  it('vocab.json has the tokens in the order of their ids, numbers too', () => {
    const vocab = `{${[...BYTE_CHARS, '00', '10', '__proto__'].map((t, i) => `${JSON.stringify(t)}:${i}`)}}`;
    const merges = '#version: 0.2\n0 0\n1 0\n';
    const json = gpt2Json(vocab, merges);
    expect(toGpt2Files({ toJSON: () => json })).toEqual({ vocab, merges });
  });

  it('vocab.txt: give the same bytes, with and without case', () => {
    const vocab = '[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##b\n__proto__\n\u2028\n';
    for (const options of [{}, { lowercase: false }, { stripAccents: true }]) {
      const json = bertJson(vocab, options);
      expect(toBertVocab({ toJSON: () => json })).toBe(vocab);
    }
  });

  it('pieces outside of the first plane stay what they are', () => {
    const json = unigram([
      ['▁', -1],
      ['𠀀', -1],
      ['😀', -2],
      ['\u{10ffff}', -3],
    ]);
    const read = sentencePieceJson(toSentencePiece({ toJSON: () => json })) as Content;
    expect(read.model).toEqual({ ...((json as Content).model as Content), byte_fallback: false });
  });
});

describe("Hugging Face's ways with spaces", () => {
  const prefix = { type: 'Prepend', prepend: '▁' };
  const space = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const metaspace = (prepend_scheme: string, split: boolean): Json => ({
    type: 'Metaspace',
    replacement: '▁',
    prepend_scheme,
    split,
  });
  const words = unigram([
    ['▁', -2],
    ['a', -2],
    ['▁a', -3],
  ]);

  it.each<[name: string, sections: Content]>([
    ["Llama's order", { normalizer: { type: 'Sequence', normalizers: [prefix, space] } }],
    [
      'a space as prefix',
      {
        normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: ' ' }, space] },
      },
    ],
    ['Metaspace after a prefix', { normalizer: prefix, pre_tokenizer: metaspace('never', true) }],
    [
      'Metaspace that finds its prefix',
      {
        normalizer: { type: 'Sequence', normalizers: [space, prefix] },
        pre_tokenizer: metaspace('first', false),
      },
    ],
  ])('%s is a dummy prefix', (_, sections) => {
    const tokenizer = changed(words, sections);
    const read = tokenizerFromJson(sentencePieceJson(toSentencePiece(tokenizer)));
    const given = tokenizerFromJson(tokenizer.toJSON());
    for (const text of ['', 'a', ' a', '  a  a ', '▁a', ' ', 'x', 'xx xx']) {
      expect([text, ...read.encode(text).ids]).toEqual([text, ...given.encode(text).ids]);
    }
  });

  it.each([true, false])('Metaspace is written if asked for, removing spaces: %s', (remove) => {
    const tokenizer = changed(words, {
      normalizer: null,
      pre_tokenizer: metaspace('always', true),
    });
    expect(refusal(() => toSentencePiece(tokenizer)).message).toBe(
      'a SentencePiece model cannot hold pre_tokenizer of this tokenizer: SentencePiece puts ▁ before every text, also before one that begins with a space. Give toSentencePiece removeExtraWhitespaces to have spaces treated in its way.',
    );
    const file = toSentencePiece(tokenizer, { removeExtraWhitespaces: remove });
    const read = tokenizerFromJson(sentencePieceJson(file));
    expect([...read.encode('a a').ids]).toEqual([3, 3]);
    expect([...read.encode(' a').ids]).toEqual(remove ? [3] : [1, 3]);
  });
});

describe('random vocabularies', () => {
  /** Merges of what there is by then, which may make a token that there is already. */
  const someMerges = (first: readonly string[]) =>
    fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }).map((picks) => {
      const tokens = [...first];
      const seen = new Set<string>();
      const merges: [string, string][] = [];
      for (const [i, j] of picks) {
        const merge: [string, string] = [tokens[i % tokens.length], tokens[j % tokens.length]];
        if (seen.has(merge.join(' ')) || merge.join('').length > 8) continue;
        seen.add(merge.join(' '));
        merges.push(merge);
        if (!tokens.includes(merge.join(''))) tokens.push(merge.join(''));
      }
      return merges;
    });
  const texts = (letters: readonly string[]) =>
    fc.array(fc.string({ unit: fc.constantFrom(...letters), maxLength: 40 }), {
      minLength: 1,
      maxLength: 4,
    });

  /** Whether a tokenizer is written, and then encodes as before; false where it is refused. */
  function isWritten(json: Json, back: (json: Json) => Json, samples: readonly string[]): boolean {
    let read: Json;
    try {
      read = back(json);
    } catch (error) {
      if (HeddleError.is(error, 'tokenizer/not-writable')) return false;
      throw error;
    }
    const [given, again] = [tokenizerFromJson(json), tokenizerFromJson(read)];
    for (const text of samples) {
      expect([text, ...again.encode(text).ids]).toEqual([text, ...given.encode(text).ids]);
    }
    return true;
  }

  const letters = ['a', 'b', 'c'];
  const token = fc.string({ unit: fc.constantFrom(...letters), minLength: 2, maxLength: 4 });
  const byteLevelOptions = fc.record({
    ignoreMerges: fc.boolean(),
    backwards: fc.boolean(),
    more: fc.array(token, { maxLength: 1 }),
  });

  /** Refuses some, and writes some; these encode as before. */
  function checkSome(
    options: fc.Arbitrary<ByteLevelOptions>,
    make: typeof byteLevel,
    back: (json: Json) => Json,
    units: readonly string[],
  ): void {
    let written = 0;
    const numRuns = 1000;
    fc.assert(
      fc.property(someMerges(letters), options, texts(units), (merges, given, samples) => {
        if (isWritten(make(merges, given), back, samples)) written++;
      }),
      { numRuns, seed: 2 },
    );
    expect(written).toBeGreaterThan(numRuns / 8);
    expect(written).toBeLessThan(numRuns);
  }

  it('.tiktoken: what is written encodes as before', () => {
    const back = (json: Json): Json =>
      tiktokenJson(toTiktoken({ toJSON: () => json }), { pattern: 'gpt2' });
    checkSome(byteLevelOptions, byteLevel, back, letters);
  });

  it('vocab.json and merges.txt: what is written encodes as before', () => {
    const back = (json: Json): Json => {
      const files = toGpt2Files({ toJSON: () => json });
      return gpt2Json(files.vocab, files.merges);
    };
    checkSome(byteLevelOptions, byteLevel, back, letters);
  });

  it('SentencePiece, BPE: what is written encodes as before', () => {
    const back = (json: Json): Json => sentencePieceJson(toSentencePiece({ toJSON: () => json }));
    const make = (merges: readonly (readonly [string, string])[]): Json => characterBpe(merges);
    checkSome(fc.constant({}), make, back, [...letters, ' ', 'x']);
  });

  it('SentencePiece, unigram: what is written encodes as before', () => {
    const piece = fc.string({
      unit: fc.constantFrom('a', 'b', '▁', '𠀀'),
      minLength: 1,
      maxLength: 4,
    });
    const score = fc.float({ min: -20, max: 0, noNaN: true });
    const vocab = fc.uniqueArray(fc.tuple(piece, score), { selector: ([text]) => text });
    const back = (json: Json): Json => sentencePieceJson(toSentencePiece({ toJSON: () => json }));
    fc.assert(
      fc.property(vocab, texts(['a', 'b', ' ', 'x', '𠀀']), (entries, samples) => {
        const pieces = [['▁', -1] as const, ...entries.filter(([text]) => text !== '▁')];
        expect(isWritten(unigram(pieces), back, samples)).toBe(true);
      }),
      { numRuns: 400, seed: 4 },
    );
  });

  it('vocab.txt: what is written encodes as before', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', 'é', '中'),
      minLength: 1,
      maxLength: 4,
    });
    const token = fc.tuple(fc.constantFrom('', '##'), word).map((parts) => parts.join(''));
    const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
    fc.assert(
      fc.property(
        fc.uniqueArray(token, { maxLength: 20 }),
        texts(['a', 'b', 'é', '中', ' ', 'B']),
        fc.boolean(),
        (tokens, samples, lowercase) => {
          const json = bertJson([...special, ...tokens].join('\n'), { lowercase });
          const back = (given: Json): Json =>
            bertJson(toBertVocab({ toJSON: () => given }), { lowercase });
          expect(isWritten(json, back, samples)).toBe(true);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });
});
