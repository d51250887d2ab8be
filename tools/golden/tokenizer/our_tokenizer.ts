/**
 * Writes the tokenizer.json that `encoding.py` has Hugging Face's library read.
 *
 *     npx tsx --conditions @heddle/source tools/golden/tokenizer/our_tokenizer.ts
 */
import { readFileSync } from 'node:fs';
import { trainBpe } from '../../../packages/tokenizer/src/index.js';
import { saveTokenizer } from '../../../packages/tokenizer/src/node.js';

const golden = new URL('../../../packages/tokenizer/test/golden/', import.meta.url);
const cases = JSON.parse(readFileSync(new URL('training.json', golden), 'utf8'));
const texts = cases.flatMap((one: { texts: string[] }) => one.texts);
trainBpe(texts, { vocabSize: 1000, specialTokens: ['<|endoftext|>', '<|pad|>'] }).then(
  (tokenizer) => saveTokenizer(tokenizer, new URL('our-tokenizer.json', golden).pathname),
);
