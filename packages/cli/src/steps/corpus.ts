import {
  buildCorpus,
  type CorpusReport,
  chunk,
  type DocumentStage,
  exactDedup,
  extract,
  files,
  filter,
  nearDedup,
  normalize,
} from '@heddle/corpus';
import type { CommandContext } from '../command.js';
import { makePart } from '../plugins.js';
import { bytes, count } from '../terminal/format.js';
import type { RunFolder } from './folder.js';

/**
 * Reads, cleans, deduplicates and splits the documents under `paths` into the run's folder. Observers see
 * the clean documents before near duplicates are dropped.
 */
export async function prepareCorpus(
  { config, reporter, signal }: CommandContext,
  folder: RunFolder,
  paths: readonly string[],
  observers: readonly DocumentStage[] = [],
): Promise<CorpusReport> {
  const {
    source,
    include,
    exclude,
    validation,
    minCharacters,
    maxCharacters,
    keepTogether,
    nearDuplicates,
    stages,
  } = config.corpus;
  const own: DocumentStage[] = [];
  for (const { name, options } of stages)
    own.push(await makePart(config.plugins, 'stages', name, options));
  const report = await buildCorpus({
    source: source
      ? await makePart(config.plugins, 'sources', source.name, source.options)
      : files({ paths, ...(include && { include }), ...(exclude && { exclude }) }),
    stages: [
      extract(),
      normalize(),
      ...own,
      filter({ minCharacters }),
      exactDedup(),
      ...observers,
      nearDedup({ threshold: nearDuplicates }),
      chunk({ maxCharacters, keepTogether }),
    ],
    directory: folder.corpus,
    validation,
    seed: config.seed,
    overwrite: true,
    signal,
    onProgress: ({ documents, bytes: read, kept }) =>
      reporter.progress({
        label: 'corpus',
        note: `${count(documents)} documents (${bytes(read)}) read, ${count(kept)} kept`,
      }),
  });
  const kept = report.splits.reduce((sum, split) => sum + split.documents, 0);
  const size = report.splits.reduce((sum, split) => sum + split.bytes, 0);
  reporter.done(
    `${count(report.source.gave.documents)} documents read, ${count(kept)} kept (${bytes(size)})`,
  );
  return report;
}
