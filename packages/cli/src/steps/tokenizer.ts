import { join } from 'node:path';
import type { Document, Source, Tokenizer } from '@heddle/core';
import { readCorpus, writeTokenShards } from '@heddle/corpus';
import { trainBpe } from '@heddle/tokenizer';
import { saveTokenizer } from '@heddle/tokenizer/node';
import type { CommandContext } from '../command.js';
import { count } from '../terminal/format.js';
import { type RunFolder, requirePath } from './folder.js';

/** The token that masked language modelling puts over others. */
export const MASK = '<|mask|>';

/** Where the token ids of a split are. */
export const tokensOf = (folder: RunFolder, split: 'train' | 'validation'): string =>
  join(folder.tokens, split);

async function* texts(source: Source<Document>, signal: AbortSignal): AsyncGenerator<string> {
  for await (const { value } of source.read({ rank: 0, worldSize: 1 })) {
    signal.throwIfAborted();
    yield value.text;
  }
}

/** Learns the vocabulary from the training documents and saves it. */
export async function learnTokenizer(
  { config, reporter, signal }: CommandContext,
  folder: RunFolder,
): Promise<Tokenizer> {
  const { vocabSize, endOfText } = config.tokenizer;
  const corpus = readCorpus(requirePath(folder.corpus, 'heddle corpus build'), 'train');
  const tokenizer = await trainBpe(texts(corpus, signal), {
    vocabSize,
    specialTokens: [endOfText, ...(config.pretrain.objective === 'masked' ? [MASK] : [])],
    signal,
    onProgress: (progress) =>
      reporter.progress(
        progress.phase === 'read'
          ? { label: 'tokenizer', note: `${count(progress.done)} characters read` }
          : {
              label: 'tokenizer',
              share: progress.done / (progress.total ?? 1),
              note: `${count(progress.done)} merges`,
            },
      ),
  });
  await saveTokenizer(tokenizer, folder.tokenizer);
  reporter.done(`${count(tokenizer.vocabSize)} entries, saved as ${folder.tokenizer}`);
  return tokenizer;
}

export interface EncodedSplit {
  readonly split: 'train' | 'validation';
  readonly tokens: number;
  readonly documents: number;
}

/** Encodes both splits of the corpus, ready for training. */
export async function encodeCorpus(
  { config, reporter, signal }: CommandContext,
  folder: RunFolder,
  tokenizer: Tokenizer,
): Promise<EncodedSplit[]> {
  const encoded: EncodedSplit[] = [];
  for (const split of ['train', 'validation'] as const) {
    const index = await writeTokenShards({
      documents: readCorpus(folder.corpus, split),
      tokenizer,
      directory: tokensOf(folder, split),
      endOfText: config.tokenizer.endOfText,
      overwrite: true,
      signal,
      onProgress: ({ documents, tokens }) =>
        reporter.progress({
          label: `encode ${split}`,
          note: `${count(documents)} documents, ${count(tokens)} tokens`,
        }),
    });
    encoded.push({ split, tokens: index.tokens, documents: index.documents });
    reporter.done(`${split}: ${count(index.tokens)} tokens of ${count(index.documents)} documents`);
  }
  return encoded;
}
