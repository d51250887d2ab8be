import type { Backend, LanguageModel, Params, Tokenizer } from '@heddle/core';
import { readCorpus } from '@heddle/corpus';
import { evaluateLanguageModel, type LanguageModelEvaluation } from '@heddle/eval';
import type { CommandContext } from '../command.js';
import { count } from '../terminal/format.js';
import { type RunFolder, requirePath } from './folder.js';

/** Perplexity and bits per byte on the held-out documents of the run's corpus. */
export async function evaluateHeldOut(
  { config, reporter, signal }: CommandContext,
  folder: RunFolder,
  subject: {
    readonly model: LanguageModel;
    readonly params: Params;
    readonly tokenizer: Tokenizer;
    readonly backend: Backend;
  },
): Promise<LanguageModelEvaluation> {
  const source = readCorpus(requirePath(folder.corpus, 'heddle corpus build'), 'validation');
  const documents = (async function* () {
    for await (const { value } of source.read({ rank: 0, worldSize: 1 })) yield value;
  })();
  const { model, params, tokenizer, backend } = subject;
  return evaluateLanguageModel({
    model,
    params,
    tokenizer,
    backend,
    documents,
    signal,
    startToken: tokenizer.idOf(config.tokenizer.endOfText) ?? null,
    onProgress: (tokens) =>
      reporter.progress({ label: 'evaluate', note: `${count(tokens)} tokens` }),
  });
}
