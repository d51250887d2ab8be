import type { Json } from '@heddle/core';
import { CL100K_PATTERN } from '../src/formats/byte-level-content.js';
import {
  sentencePieceJson,
  tiktokenJson,
  toBertVocab,
  toGpt2Files,
  toSentencePiece,
  toTiktoken,
} from '../src/formats/index.js';
import { trainBpe, trainUnigram, trainWordPiece } from '../src/index.js';
import { bertNormalizer } from '../src/normalizers/bert.js';
import { normalizerAt } from '../src/normalizers/read.js';
import { bertPostProcessor } from '../src/post-processors/bert.js';
import { bertPreTokenizer } from '../src/pre-tokenizers/bert.js';
import { metaspacePreTokenizer } from '../src/pre-tokenizers/metaspace.js';
import type { TextTokenizer } from '../src/tokenizer.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { type FormatsGolden, golden, type TrainingCase } from './golden.js';

/* Tokenizers and the files we write of them, which tools/golden/tokenizer/written.py gives to the libraries they are for. */

export interface WrittenFile {
  readonly name: string;
  readonly library: 'sentencepiece' | 'tiktoken' | 'bert' | 'gpt2';
  readonly tokenizer: TextTokenizer;
  readonly file: Uint8Array;
  /** Texts whose spaces SentencePiece treats in another way than the tokenizer have other ids. */
  readonly otherSpaces: boolean;
}

const utf8 = new TextEncoder();
const special = ['<unk>', '<s>', '</s>'];

/** SentencePiece's way with spaces, in the parts of a `tokenizer.json`. */
const dummyPrefix: Json[] = [
  { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  { type: 'Prepend', prepend: '▁' },
];
/** Llama's order. */
const prefixFirst = { type: 'Sequence', normalizers: [...dummyPrefix].reverse() };
const extraSpaces: Json[] = [
  { type: 'Replace', pattern: { Regex: '\\A +|[ ▁]+\\z' }, content: '' },
  { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' },
];

function words(prependScheme: 'always' | 'never') {
  return metaspacePreTokenizer({ replacement: '▁', prependScheme, split: true });
}

export async function writtenFiles(): Promise<WrittenFile[]> {
  const texts = golden<TrainingCase[]>('training.json').flatMap((each) => each.texts);
  // sentencepiece refuses pieces with a NUL. Characters of the planes 2 and 16 are a trap of `pbf`.
  const whole = [
    ...texts.map((text) => text.replaceAll('\0', '')),
    '𠀀𠮷 𠮷𠀀 \u{10ffff}'.repeat(5),
  ];
  return [...rewritten(), ...(await trained(whole))];
}

/** As it is when it has been saved and loaded. */
function reloaded(tokenizer: TextTokenizer): TextTokenizer {
  return tokenizerFromJson(tokenizer.toJSON());
}

/** Files of the libraries themselves, read and written again. */
function rewritten(): WrittenFile[] {
  const { sentencepiece, tiktoken } = golden<FormatsGolden>('formats.json');
  const models = sentencepiece.flatMap(({ name, file }) => {
    const json = sentencePieceJson(Uint8Array.from(Buffer.from(file, 'base64')));
    return modelFile(name, tokenizerFromJson(json));
  });
  const json = tiktokenJson(tiktoken.file, { pattern: CL100K_PATTERN });
  return [...models, textFile('tiktoken', 'cl100k', tokenizerFromJson(json), toTiktoken)];
}

function modelFile(
  name: string,
  tokenizer: TextTokenizer,
  removeExtraWhitespaces?: boolean,
): WrittenFile {
  const otherSpaces = removeExtraWhitespaces !== undefined;
  const file = toSentencePiece(tokenizer, otherSpaces ? { removeExtraWhitespaces } : {});
  return { name, library: 'sentencepiece', tokenizer, file, otherSpaces };
}

function textFile(
  library: WrittenFile['library'],
  name: string,
  tokenizer: TextTokenizer,
  write: (tokenizer: TextTokenizer) => string,
): WrittenFile {
  return { name, library, tokenizer, file: utf8.encode(write(tokenizer)), otherSpaces: false };
}

async function trained(texts: readonly string[]): Promise<WrittenFile[]> {
  const normalizer = normalizerAt(prefixFirst, 'normalizer');
  const trimmed = normalizerAt(
    { type: 'Sequence', normalizers: [...extraSpaces, ...dummyPrefix] },
    'normalizer',
  );
  const unigram = { vocabSize: 300, characterCoverage: 1 };
  const plain = reloaded(await trainUnigram(texts, unigram));
  const bpe = { vocabSize: 400, specialTokens: special, unkToken: '<unk>', fuseUnk: true };
  const bytes = { vocabSize: 700, specialTokens: ['<|endoftext|>', '<|pad|>'] };
  const byteLevel = await trainBpe(texts, bytes);
  const wordPiece = await trainWordPiece(texts, {
    vocabSize: 400,
    specialTokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'],
    normalizer: bertNormalizer({
      cleanText: true,
      handleChineseChars: true,
      stripAccents: null,
      lowercase: true,
    }),
    preTokenizer: bertPreTokenizer(),
    postProcessor: bertPostProcessor({ content: '[CLS]', id: 2 }, { content: '[SEP]', id: 3 }),
  });
  return [
    modelFile('our unigram, extra spaces removed', plain, true),
    modelFile('our unigram, all spaces kept', plain, false),
    modelFile(
      'our unigram, exact',
      reloaded(
        await trainUnigram(texts, {
          ...unigram,
          normalizer: trimmed,
          preTokenizer: words('never'),
        }),
      ),
    ),
    modelFile(
      'our unigram, bytes',
      reloaded(
        await trainUnigram(texts, {
          vocabSize: 500,
          characterCoverage: 0.98,
          byteFallback: true,
          normalizer,
          preTokenizer: words('never'),
        }),
      ),
    ),
    modelFile(
      'our BPE',
      await trainBpe(texts, { ...bpe, normalizer, preTokenizer: words('never') }),
    ),
    modelFile(
      'our BPE, extra spaces removed',
      await trainBpe(texts, { ...bpe, preTokenizer: words('always') }),
      true,
    ),
    textFile('tiktoken', 'our byte-level BPE', byteLevel, toTiktoken),
    textFile('gpt2', 'our byte-level BPE', byteLevel, (each) => JSON.stringify(toGpt2Files(each))),
    textFile('bert', 'our WordPiece', wordPiece, toBertVocab),
  ];
}
