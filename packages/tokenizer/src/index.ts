export type { TokenizerErrors } from './errors.js';
export { type StreamDecoder, streamDecoder } from './stream-decoder.js';
export { tokenizerFromJson } from './tokenizer-json.js';
export { type TrainBpeOptions, type TrainBpeProgress, trainBpe } from './train-bpe.js';
