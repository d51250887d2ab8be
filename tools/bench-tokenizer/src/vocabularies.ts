import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sentencePieceJson } from '../../../packages/tokenizer/src/formats/sentencepiece.js';
import { tiktokenJson } from '../../../packages/tokenizer/src/formats/tiktoken.js';
import { o200kBase } from '../../../packages/tokenizer/src/formats/tiktoken-encodings.js';
import type { VocabularyName } from './options.js';

/** The files of one vocabulary, below the folder `tokenizers`, and the tokenizer.json that is made of them. */
interface Source {
  readonly files: readonly string[];
  make(read: (file: string) => Buffer): unknown;
}

const asItIs = (file: string): Source => ({
  files: [file],
  make: (read) => JSON.parse(read(file).toString()),
});

const SPLIT_QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false };

const SOURCES: ReadonlyMap<VocabularyName, Source> = new Map<VocabularyName, Source>([
  ['gpt2', asItIs('gpt2/tokenizer.json.gz')],
  // OLMo 2 has the vocabulary and the pattern of cl100k.
  ['cl100k', asItIs('olmo/dolma2.tokenizer.json.gz')],
  ['t5', asItIs('sentencepiece/t5-tokenizer.json.gz')],
  [
    'o200k',
    {
      files: ['tiktoken/o200k_base.tiktoken.gz'],
      make: (read) => tiktokenJson(read('tiktoken/o200k_base.tiktoken.gz').toString(), o200kBase),
    },
  ],
  [
    'mistral',
    {
      files: ['sentencepiece/mistral-7b-v1.model'],
      make: (read) => sentencePieceJson(read('sentencepiece/mistral-7b-v1.model')),
    },
  ],
  [
    'qwen2',
    {
      files: ['qwen2/vocab.json.gz', 'qwen2/merges.txt.gz'],
      make: (read) => ({
        ...EMPTY,
        normalizer: { type: 'NFC' },
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Split', pattern: { Regex: SPLIT_QWEN2 }, behavior: 'Isolated', invert: false },
            { ...BYTE_LEVEL, use_regex: false },
          ],
        },
        decoder: { ...BYTE_LEVEL, use_regex: false },
        model: {
          type: 'BPE',
          vocab: JSON.parse(read('qwen2/vocab.json.gz').toString()),
          merges: read('qwen2/merges.txt.gz')
            .toString()
            .split('\n')
            .filter((line) => line !== '' && !line.startsWith('#version')),
        },
      }),
    },
  ],
  [
    'bert',
    {
      files: ['bert/bert-base-uncased-vocab.txt'],
      make: (read) => {
        const tokens = read('bert/bert-base-uncased-vocab.txt').toString().trim().split('\n');
        return {
          ...EMPTY,
          normalizer: {
            ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
            ...{ strip_accents: null, lowercase: true },
          },
          pre_tokenizer: { type: 'BertPreTokenizer' },
          decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
          model: {
            ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' },
            max_input_chars_per_word: 100,
            vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
          },
        };
      },
    },
  ],
]);

const EMPTY = {
  ...{ version: '1.0', truncation: null, padding: null, added_tokens: [], post_processor: null },
};

/** Writes the tokenizer.json of a vocabulary into `folder`, or says why there is none. */
export async function writeVocabulary(
  name: VocabularyName,
  data: string,
  folder: string,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const source = SOURCES.get(name);
  if (!source) return { reason: 'its format is not read here yet' };
  const at = (file: string): string => join(data, 'tokenizers', file);
  const missing = source.files.find((file) => !existsSync(at(file)));
  if (missing !== undefined) return { reason: `there is no ${at(missing)}` };
  const json = source.make((file) => {
    const bytes = readFileSync(at(file));
    return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  });
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(json));
  return { path };
}
