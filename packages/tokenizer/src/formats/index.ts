export { type BertOptions, bertJson } from './bert-vocab.js';
export type { BytePattern } from './byte-level-content.js';
export { ggufJson } from './gguf.js';
export { type Gpt2Options, gpt2Json } from './gpt2-files.js';
export { type SentencePieceOptions, sentencePieceJson } from './sentencepiece.js';
export { type TiktokenOptions, tiktokenJson } from './tiktoken.js';
export { cl100kBase, gpt2, o200kBase, p50kBase, r50kBase } from './tiktoken-encodings.js';
export { whisperEncoding } from './whisper-encoding.js';
