export { loadTokenizer, saveTokenizer } from './tokenizer-file.js';
