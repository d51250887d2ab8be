export { AlignedText, TextEditor } from './aligned-text.js';
export { bpeDecoder } from './decoders/bpe.js';
export { byteFallbackDecoder } from './decoders/byte-fallback.js';
export { byteLevelDecoder } from './decoders/byte-level.js';
export { ctcDecoder } from './decoders/ctc.js';
export { metaspaceDecoder } from './decoders/metaspace.js';
export { replaceDecoder } from './decoders/replace.js';
export { fuseDecoder, sequenceDecoder } from './decoders/sequence.js';
export { stripDecoder } from './decoders/strip.js';
export { wordPieceDecoder } from './decoders/word-piece.js';
export { IdList } from './id-list.js';
export { type BpeOptions, bpeModel } from './models/bpe-model.js';
export { unigramModel } from './models/unigram-model.js';
export { wordLevelModel } from './models/word-level-model.js';
export { wordPieceModel } from './models/word-piece-model.js';
export { bertNormalizer } from './normalizers/bert.js';
export { byteLevelNormalizer } from './normalizers/byte-level.js';
export { lowercase } from './normalizers/lowercase.js';
export { nmt } from './normalizers/nmt.js';
export { precompiled } from './normalizers/precompiled.js';
export { prepend } from './normalizers/prepend.js';
export { replace } from './normalizers/replace.js';
export { normalizerSequence } from './normalizers/sequence.js';
export { strip } from './normalizers/strip.js';
export { stripAccents } from './normalizers/strip-accents.js';
export { unicodeForm } from './normalizers/unicode-form.js';
export type {
  AddedToken,
  Decoder,
  LayoutItem,
  Model,
  Normalizer,
  PostProcessor,
  PreTokenizer,
} from './parts.js';
export { bertPostProcessor, robertaPostProcessor } from './post-processors/bert.js';
export { byteLevelPostProcessor } from './post-processors/byte-level.js';
export { sequencePostProcessor } from './post-processors/sequence.js';
export { templatePostProcessor } from './post-processors/template.js';
export { bertPreTokenizer } from './pre-tokenizers/bert.js';
export { byteLevelPreTokenizer } from './pre-tokenizers/byte-level.js';
export { charDelimiterSplit } from './pre-tokenizers/char-delimiter-split.js';
export { digits } from './pre-tokenizers/digits.js';
export { fixedLength } from './pre-tokenizers/fixed-length.js';
export { metaspacePreTokenizer } from './pre-tokenizers/metaspace.js';
export { punctuation } from './pre-tokenizers/punctuation.js';
export { preTokenizerSequence } from './pre-tokenizers/sequence.js';
export { split } from './pre-tokenizers/split.js';
export { unicodeScripts } from './pre-tokenizers/unicode-scripts.js';
export { whitespace } from './pre-tokenizers/whitespace.js';
export { whitespaceSplit } from './pre-tokenizers/whitespace-split.js';
export { regexPattern, stringPattern } from './regex/read.js';
export { scanInWasm } from './scanner/scan-in-wasm.js';
export { assemble, type TokenizerParts } from './tokenizer.js';
