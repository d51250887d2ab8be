import type { Json } from '@heddle/core';

/** The byte-level parts of a `tokenizer.json`. */

/** How a text is cut before its bytes are joined: by GPT-2's own pattern, or by this one (Oniguruma's dialect). */
export type BytePattern = 'gpt2' | { readonly regex: string };

/** The pattern of GPT-4 and Llama 3. */
export const CL100K_PATTERN: BytePattern = /* @__PURE__ */ cl100k('\\p{N}{1,3}');

/** The pattern of Qwen 2, which has every digit alone. */
export const QWEN2_PATTERN: BytePattern = /* @__PURE__ */ cl100k('\\p{N}');

function cl100k(numbers: string): BytePattern {
  return {
    regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  };
}

/** The pattern of GPT-4o. */
export const O200K_PATTERN: BytePattern = {
  regex: [
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    '\\p{N}{1,3}',
    ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
    '\\s*[\\r\\n]+',
    '\\s+(?!\\S)',
    '\\s+',
  ].join('|'),
};

export function bytePreTokenizer(pattern: BytePattern, addPrefixSpace = false): Json {
  if (pattern === 'gpt2') return byteLevel(addPrefixSpace, true);
  const split = {
    type: 'Split',
    pattern: { Regex: pattern.regex },
    behavior: 'Isolated',
    invert: false,
  };
  return { type: 'Sequence', pretokenizers: [split, byteLevel(addPrefixSpace, false)] };
}

export function byteDecoder(): Json {
  return byteLevel(true, true);
}

export interface MergedVocabulary {
  readonly vocab: Iterable<readonly [token: string, id: number]>;
  readonly merges: readonly (readonly [string, string])[];
  readonly ignoreMerges?: boolean;
}

export function byteBpe({ vocab, merges, ignoreMerges = false }: MergedVocabulary): Json {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: ignoreMerges,
    vocab: Object.fromEntries(vocab),
    merges,
  };
}

function byteLevel(addPrefixSpace: boolean, useRegex: boolean): Json {
  return {
    type: 'ByteLevel',
    add_prefix_space: addPrefixSpace,
    trim_offsets: true,
    use_regex: useRegex,
  };
}
