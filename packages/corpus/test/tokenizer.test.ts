import { join } from 'node:path';
import type { Document, Source } from '@heddle/core';
import { trainBpe } from '@heddle/tokenizer';
import { describe, expect, it } from 'vitest';
import {
  buildCorpus,
  normalize,
  openTokenShards,
  readCorpus,
  sequentialBatches,
  writeTokenShards,
} from '../src/index.js';
import { collect, document, memory, temporaryFolder, WHOLE } from './support.js';

async function* texts(source: Source<Document>): AsyncGenerator<string> {
  for await (const { value } of source.read(WHOLE)) yield value.text;
}

describe('a corpus, tokenized', () => {
  it('comes back as the same text, special tokens in it included', async () => {
    const root = await temporaryFolder();
    const poem = 'The woods are lovely, dark and deep,\nBut I have promises to keep.';
    await buildCorpus({
      source: memory([
        ...Array.from({ length: 30 }, (_, i) =>
          document(`${poem} Verse ${i}, “naïve” 世界 🎉`, `p${i}`),
        ),
        'This text says <|endoftext|> in its middle.',
      ]),
      stages: [normalize()],
      directory: join(root, 'corpus'),
      validation: 0,
      seed: 0,
    });
    const train = readCorpus(join(root, 'corpus'), 'train');
    const tokenizer = await trainBpe(texts(train), {
      vocabSize: 320,
      specialTokens: ['<|endoftext|>'],
    });
    const directory = join(root, 'tokens');
    await writeTokenShards({ documents: train, tokenizer, directory });
    await using shards = await openTokenShards(directory, { tokenizer });
    expect(shards.dtype).toBe('u16');
    const documents = await collect(train.read(WHOLE));
    for (const [i, { text }] of documents.entries()) {
      const ids = await shards.document(i);
      expect(ids.indexOf(shards.endOfText)).toBe(ids.length - 1);
      expect(tokenizer.decode(ids)).toBe(text);
    }
    const batches = await collect(sequentialBatches(shards, { rows: 2, length: 32 }).read(WHOLE));
    const targets = batches.flatMap((batch) => [...(batch.targets ?? [])]);
    expect(targets.filter((id) => id === shards.endOfText).length).toBe(documents.length);
    const [first] = await shards.read(0, 1);
    const ids = [first, ...targets.filter((id) => id >= 0)];
    expect(tokenizer.decode(ids)).toBe(documents.map(({ text }) => text).join(''));
  });
});
