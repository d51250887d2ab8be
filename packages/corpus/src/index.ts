export {
  type BuildCorpusOptions,
  type BuildProgress,
  buildCorpus,
} from './build/build-corpus.js';
export { readCorpus } from './build/read-corpus.js';
export {
  type Amount,
  type CorpusReport,
  type DropReport,
  formatReport,
  type ShardReport,
  type SplitReport,
  type StageReport,
} from './build/report.js';
export { type SplitName, splitOf } from './build/split.js';
export type { CorpusErrors } from './errors.js';
export {
  type DocumentSource,
  type DocumentStage,
  type Drop,
  documentStage,
  type OnDrop,
  type Outcome,
} from './pipeline.js';
export type { DocumentType } from './sources/document-type.js';
export { DOCUMENT_PATTERNS, type FilesOptions, files } from './sources/files.js';
export { type JsonlOptions, jsonl } from './sources/jsonl.js';
export { type ChunkOptions, chunk } from './stages/chunk.js';
export { exactDedup } from './stages/exact-dedup.js';
export { type ExtractOptions, extract } from './stages/extract.js';
export { type FilterOptions, filter } from './stages/filter.js';
export { htmlToText } from './stages/html-text.js';
export { markdownToText } from './stages/markdown-text.js';
export { estimateJaccard, type MinHashOptions, minHasher } from './stages/minhash.js';
export { type NearDedupOptions, nearDedup } from './stages/near-dedup.js';
export { normalize, normalizeText } from './stages/normalize.js';
export { tokenizerFingerprint } from './tokens/fingerprint.js';
export type { TokenDType } from './tokens/format.js';
export { openTokenShards, type TokenShards } from './tokens/open-token-shards.js';
export { type PackedBatchesOptions, packedBatches } from './tokens/packed-batches.js';
export { type SequentialBatchesOptions, sequentialBatches } from './tokens/sequential-batches.js';
export { type TokenSequence, tokenSequence } from './tokens/token-sequence.js';
export {
  type TokenProgress,
  type TokenShardsReport,
  type WriteTokenShardsOptions,
  writeTokenShards,
} from './tokens/write-token-shards.js';
