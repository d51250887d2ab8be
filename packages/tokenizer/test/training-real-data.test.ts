import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { preTokenizerAt } from '../src/pre-tokenizers/read.js';
import { trainBpe } from '../src/train/train-bpe.js';
import { trainUnigram } from '../src/train/train-unigram.js';
import { golden } from './golden.js';
import { logProbability, type UnigramGolden } from './log-probability.js';

interface BooksCase {
  readonly name: string;
  readonly folders: readonly string[];
  readonly vocabSize: number;
  readonly preTokenizer: unknown;
  readonly merges: number;
  readonly sha256: string;
}

const data = new URL('../../../../shared/data/pretrain/', import.meta.url);
const present = existsSync(data);
if (!present) console.log(`Training on real data: skipped, there is no ${data.pathname}`);

function read(path: string): string {
  return gunzipSync(readFileSync(new URL(path, data))).toString();
}

function booksIn(folder: string): string[] {
  const names = readdirSync(new URL(folder, data)).filter((name) => name.endsWith('.txt.gz'));
  return names.sort().map((name) => read(`${folder}/${name}`));
}

/** The lines of a book without the spaces that do not matter. */
function linesOf(path: string): string[] {
  const lines = read(path).split('\n');
  return lines.map((line) => line.replace(/\s+/g, ' ').trim()).filter((line) => line !== '');
}

describe.skipIf(!present)('training on real books', () => {
  it.each(golden<BooksCase[]>('training-books.json'))(
    'learns the merges of Hugging Face: $name',
    async ({ folders, vocabSize, preTokenizer, merges, sha256 }) => {
      const tokenizer = await trainBpe(folders.flatMap(booksIn), {
        vocabSize,
        preTokenizer: preTokenizerAt(preTokenizer, 'pre_tokenizer'),
      });
      const { model } = tokenizer.toJSON() as unknown as { model: { merges: [string, string][] } };
      expect(model.merges).toHaveLength(merges);
      const lines = model.merges.map((pair) => pair.join(' ')).join('\n');
      expect(createHash('sha256').update(lines).digest('hex')).toBe(sha256);
    },
  );

  it.each(golden<UnigramGolden>('unigram.json').books)(
    'makes held-out text as probable as sentencepiece does: $name',
    async ({ train, heldOut, vocabSize, logProbability: theirs }) => {
      const tokenizer = await trainUnigram(train.flatMap(linesOf), { vocabSize });
      expect(tokenizer.vocabSize).toBe(vocabSize);
      const own = logProbability(tokenizer, heldOut.flatMap(linesOf));
      expect(own).toBeGreaterThan(theirs * 1.01);
    },
  );
});
