import type { Json } from '@heddle/core';
import { badFile } from './bad-file.js';
import { wordPieceContent } from './bert-vocab.js';
import type { SpecialToken } from './content.js';
import { ggufByteLevel } from './gguf-byte-level.js';
import { readGguf } from './gguf-reader.js';
import { GgufVocabulary } from './gguf-vocabulary.js';
import { sentencePieceContent, unsupportedIn } from './sentencepiece-content.js';

const FILE = 'GGUF file';
const SPACE = '▁';

/**
 * The content of a `tokenizer.json` for the vocabulary inside of a GGUF file (llama.cpp): `bert`, `gpt2`, `llama`
 * (SentencePiece BPE) or `t5` (SentencePiece unigram).
 *
 * @param bytes the file, or its beginning as far as the metadata goes: tensors are not looked at
 * @throws HeddleError `bad-file`; `tokenizer/unsupported` for other models and unknown ways to cut a text
 */
export function ggufJson(bytes: Uint8Array): Json {
  const vocabulary = new GgufVocabulary(readGguf(bytes, 'tokenizer.ggml.'));
  const { model } = vocabulary;
  if (model === 'bert') return bertOf(vocabulary);
  if (model === 'gpt2') return ggufByteLevel(vocabulary, FILE);
  if (model === 'llama' || model === 't5') return sentencePieceOf(vocabulary, model);
  throw unsupportedIn(FILE, `tokenizer.ggml.model ${JSON.stringify(model ?? null)}`);
}

/** Here the tokens that begin a word are marked, not those inside of one. */
function bertOf({ pieces }: GgufVocabulary): Json {
  const vocab = new Map<string, number>();
  for (const [id, { text }] of pieces.entries()) {
    const token = text.startsWith(SPACE)
      ? text.slice(SPACE.length)
      : /^\[.*\]$/s.test(text)
        ? text
        : `##${text}`;
    if (vocab.has(token)) {
      throw badFile(`${FILE}, token ${id}`, `${JSON.stringify(text)} stands there twice`);
    }
    vocab.set(token, id);
  }
  return wordPieceContent(vocab, {});
}

function sentencePieceOf(vocabulary: GgufVocabulary, model: 'llama' | 't5'): Json {
  const { pieces } = vocabulary;
  const around = (flag: string, token: string, otherwise: boolean): SpecialToken[] => {
    const special = vocabulary.special(token);
    return special && vocabulary.flag(flag, otherwise) ? [special] : [];
  };
  const charsmap = vocabulary.numbers('precompiled_charsmap');
  return sentencePieceContent(
    {
      algorithm: model === 'llama' ? 'bpe' : 'unigram',
      pieces,
      byteFallback: pieces.some(({ type }) => type === 'byte'),
      ...(charsmap && { charsmap: Uint8Array.from(charsmap) }),
      addDummyPrefix: vocabulary.flag('add_space_prefix', true),
      removeExtraWhitespaces: vocabulary.flag('remove_extra_whitespaces', model === 't5'),
      escapeWhitespaces: true,
      before: around('add_bos_token', 'bos_token_id', model === 'llama'),
      after: around('add_eos_token', 'eos_token_id', model === 't5'),
    },
    FILE,
  );
}
