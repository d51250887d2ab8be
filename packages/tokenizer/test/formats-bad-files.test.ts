import { HeddleError, type Json } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { bertJson } from '../src/formats/bert-vocab.js';
import { CL100K_PATTERN } from '../src/formats/byte-level-content.js';
import { ggufJson } from '../src/formats/gguf.js';
import { gpt2Json } from '../src/formats/gpt2-files.js';
import { sentencePieceJson } from '../src/formats/sentencepiece.js';
import { tiktokenJson } from '../src/formats/tiktoken.js';
import { writeGguf } from './gguf-writer.js';
import { type FormatsGolden, golden } from './golden.js';

const { tiktoken, sentencepiece } = golden<FormatsGolden>('formats.json');
const tiktokenOf = (text: string): Json => tiktokenJson(text, { pattern: CL100K_PATTERN });
const models = sentencepiece.map(({ file }) => Uint8Array.from(Buffer.from(file, 'base64')));
const gguf = writeGguf(
  new Map<string, string | number | boolean | readonly (string | number)[]>([
    ['general.name', 'small'],
    ['general.numbers', [1, 2, 3]],
    ['tokenizer.ggml.model', 'llama'],
    ['tokenizer.ggml.tokens', ['<unk>', '▁', 'a', 'b', 'ab', '▁ab']],
    ['tokenizer.ggml.scores', [0, -3.5, -4.5, -5.5, -1.5, -2.5]],
    ['tokenizer.ggml.token_type', [2, 1, 1, 1, 1, 1]],
    ['tokenizer.ggml.add_space_prefix', true],
    ['tokenizer.ggml.bos_token_id', 0],
  ]),
);

/** The reason why a file is refused; undefined where it is taken. Any other error is a failure. */
function refusal(read: () => Json): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe('files that contradict themselves are refused, with the place', () => {
  const line =
    (text: string): (() => Json) =>
    () =>
      tiktokenOf(`${tiktoken.file}${text}\n`);
  it.each<[reason: string, read: () => Json]>([
    ['tiktoken file, line 701: should be a token in base64 and its rank.', line('hello')],
    ['tiktoken file, line 701: should be a token in base64 and its rank.', line('IQ== -1')],
    ['tiktoken file, line 701: should be a token in base64 and its rank.', line('I!Q= 900')],
    ['tiktoken file, line 701: the token is no base64.', line('A 900')],
    ['tiktoken file, line 701: the token stands there twice.', line('IQ== 900')],
    ['tiktoken file, line 701: the rank 5 stands there twice.', line('IUBBQEE= 5')],
    ['tiktoken file, line 701: the rank 9999999 is not below 2097152.', line('IUBBQEE= 9999999')],
    ['tiktoken file: there is no token for the byte 0.', () => tiktokenOf('')],
    ['vocab.txt: there is no token [UNK].', () => bertJson('')],
    ['vocab.txt, line 2: is empty.', () => bertJson('a\n\nb')],
    ['vocab.txt, line 3: "a" stands there twice.', () => bertJson('a\nb\na')],
    ['vocab.txt: there is no token [CLS].', () => bertJson('[UNK]\na')],
    ['vocab.json: should be an object of tokens with their ids.', () => gpt2Json('[]', '')],
    ['vocab.json["a"]: should be an id.', () => gpt2Json('{"a":-1}', '')],
    ['vocab.json["a"]: should be an id.', () => gpt2Json('{"a":3000000}', '')],
    ['merges.txt, line 2: should be two tokens.', () => gpt2Json('{}', 'a b\na b c')],
    ['SentencePiece model: there are no pieces.', () => sentencePieceJson(new Uint8Array(0))],
    ['GGUF file: ends in its metadata, at byte 0.', () => ggufJson(new Uint8Array(0))],
    ['GGUF file: does not begin with "GGUF".', () => ggufJson(new Uint8Array(100))],
  ])('%s', (reason, read) => {
    expect(refusal(read)).toBe(`bad-file ${reason}`);
  });

  it('vocab.json that is no JSON', () => {
    expect(refusal(() => gpt2Json('{', ''))).toMatch(/^bad-file vocab\.json: /);
  });
});

describe('files cut off anywhere', () => {
  it('GGUF', () => {
    for (let length = 0; length < gguf.length; length++) {
      expect(refusal(() => ggufJson(gguf.subarray(0, length)))).toMatch(/^bad-file GGUF file/);
    }
    expect(refusal(() => ggufJson(gguf))).toBeUndefined();
  });

  it('SentencePiece: between fields there is nothing to see, within one there is', () => {
    const file = models[0];
    const whole = refusal(() => sentencePieceJson(file));
    expect(whole).toBeUndefined();
    for (let length = 0; length < file.length; length += 7) {
      const reason = refusal(() => sentencePieceJson(file.subarray(0, length)));
      if (reason !== undefined) expect(reason).toMatch(/^bad-file SentencePiece model/);
    }
  });
});

describe('sizes that a file claims', () => {
  const withBytes = (at: number, ...bytes: number[]): Uint8Array => {
    const file = gguf.slice();
    file.set(bytes, at);
    return file;
  };

  it('of GGUF are checked before they are believed', () => {
    const huge = [255, 255, 255, 255, 255, 255, 255, 127];
    expect(refusal(() => ggufJson(withBytes(16, ...huge)))).toMatch(/entries, more than/);
    expect(refusal(() => ggufJson(withBytes(24, ...huge)))).toMatch(/ends in its metadata/);
  });

  it('of long tokens cost little: they come by no merges', () => {
    const long = Buffer.from('a'.repeat(2e6)).toString('base64');
    const started = performance.now();
    expect(refusal(() => tiktokenOf(`${tiktoken.file}${long} 900\n`))).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
