export { byteTokenizer, byteTokenizerFromJson, END_OF_TEXT } from './byte-tokenizer.js';
