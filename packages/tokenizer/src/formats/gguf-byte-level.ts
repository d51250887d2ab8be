import type { Json } from '@heddle/core';
import { badFile } from './bad-file.js';
import {
  type BytePattern,
  byteBpe,
  byteDecoder,
  bytePreTokenizer,
  CL100K_PATTERN,
  O200K_PATTERN,
  QWEN2_PATTERN,
} from './byte-level-content.js';
import { addedToken, template, tokenizerContent } from './content.js';
import type { GgufVocabulary } from './gguf-vocabulary.js';
import { unsupportedIn } from './sentencepiece-content.js';

interface PreTokenization {
  readonly pattern: BytePattern;
  readonly nfc?: boolean;
  /** Whole pieces are looked for before merges are done. */
  readonly ignoreMerges?: boolean;
  /** Every digit is a piece of its own. */
  readonly digits?: boolean;
}

const GPT2: PreTokenization = { pattern: 'gpt2' };
const DIGITS: PreTokenization = { pattern: 'gpt2', digits: true };

/** What `tokenizer.ggml.pre` stands for, as far as the tokenizers behind the names are known. */
const PRE: ReadonlyMap<string, PreTokenization> = new Map([
  ['gpt-2', GPT2],
  ['olmo', { pattern: 'gpt2', nfc: true }],
  ['mpt', { pattern: 'gpt2', nfc: true }],
  ['phi-2', GPT2],
  ['roberta-bpe', GPT2],
  ['starcoder', DIGITS],
  ['refact', DIGITS],
  ['command-r', { ...DIGITS, nfc: true }],
  ['smollm', DIGITS],
  ['llama-bpe', { pattern: CL100K_PATTERN, ignoreMerges: true }],
  ['dbrx', { pattern: CL100K_PATTERN }],
  ['qwen2', { pattern: QWEN2_PATTERN, nfc: true }],
  ['gpt-4o', { pattern: O200K_PATTERN }],
]);

/** Byte-level BPE. */
export function ggufByteLevel(vocabulary: GgufVocabulary, file: string): Json {
  const pre = vocabulary.text('pre') ?? 'gpt-2';
  const settings = PRE.get(pre);
  if (!settings) throw unsupportedIn(file, `tokenizer.ggml.pre ${JSON.stringify(pre)}`);
  const vocab = new Map<string, number>();
  const added: [number, string, boolean][] = [];
  const seen = new Set<string>();
  for (const [id, { text, type }] of vocabulary.pieces.entries()) {
    if (seen.has(text))
      throw badFile(`${file}, token ${id}`, `${JSON.stringify(text)} stands there twice`);
    seen.add(text);
    if (type === 'normal' || type === 'unused') vocab.set(text, id);
    else added.push([id, text, type !== 'user-defined']);
  }
  const around = (name: 'bos' | 'eos') => {
    const special = vocabulary.special(`${name}_token_id`);
    return special && vocabulary.flag(`add_${name}_token`, false) ? [special] : [];
  };
  return tokenizerContent({
    addedTokens: added.map(([id, text, special]) => addedToken(id, text, special)),
    normalizer: settings.nfc ? { type: 'NFC' } : null,
    preTokenizer: preTokenizerOf(settings),
    postProcessor: template(around('bos'), around('eos')),
    decoder: byteDecoder(),
    model: byteBpe({
      vocab,
      merges: mergesOf(vocabulary, file),
      ignoreMerges: settings.ignoreMerges ?? false,
    }),
  });
}

function preTokenizerOf({ pattern, digits = false }: PreTokenization): Json {
  const bytes = bytePreTokenizer(pattern);
  if (!digits) return bytes;
  return { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, bytes] };
}

function mergesOf(vocabulary: GgufVocabulary, file: string): [string, string][] {
  const merges = vocabulary.texts('merges');
  if (!merges) throw badFile(file, 'there is no tokenizer.ggml.merges');
  return merges.map((merge, rank) => {
    const [left, right, ...more] = merge.split(' ');
    if (left && right && more.length === 0) return [left, right];
    throw badFile(`${file}, tokenizer.ggml.merges[${rank}]`, 'should be two tokens');
  });
}
