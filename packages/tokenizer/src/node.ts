export type { EncodedTexts } from './batch/encoded-texts.js';
export type { PoolErrors } from './batch/errors.js';
export {
  type TokenizerPool,
  type TokenizerPoolOptions,
  tokenizerPool,
} from './batch/tokenizer-pool.js';
export { loadChatTemplate } from './chat/template-file.js';
export { loadTokenizer, saveTokenizer } from './tokenizer-file.js';
export { type CountInWorkersOptions, countInWorkers } from './train/count-in-workers.js';
