/**
 * Trains a unigram vocabulary of the lines of a file, for `unigram_speed.py`.
 *
 *     node --conditions=@heddle/source --import tsx tools/golden/tokenizer/train_unigram.ts lines.txt 8000 vocab.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { trainUnigram } from '../../../packages/tokenizer/src/train/train-unigram.js';

const [lines, vocabSize, target] = process.argv.slice(2);
const texts = readFileSync(lines, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
trainUnigram(texts, { vocabSize: Number(vocabSize) }).then((tokenizer) => {
  const { model } = tokenizer.toJSON() as unknown as { model: { vocab: [string, number][] } };
  writeFileSync(target, JSON.stringify(model.vocab));
});
