export type { TextEncodeOptions, TextEncoding } from './encoding.js';
export type { TokenizerErrors } from './errors.js';
export type { Padding } from './padding.js';
export { type StreamDecoder, streamDecoder } from './stream-decoder.js';
export type { EncodeIntoOptions, TextInput, TextTokenizer } from './tokenizer.js';
export { tokenizerFromJson } from './tokenizer-json.js';
export type { CountPieces, PieceParts } from './train/count-pieces.js';
export { type TrainBpeOptions, type TrainBpeProgress, trainBpe } from './train/train-bpe.js';
export {
  type TrainUnigramOptions,
  type TrainUnigramProgress,
  trainUnigram,
} from './train/train-unigram.js';
export { type TrainWordPieceOptions, trainWordPiece } from './train/train-word-piece.js';
export type { Truncation } from './truncation.js';
