import { formatReport } from '@heddle/corpus';
import type { CommandContext, CommandResult } from '../command.js';
import { prepareCorpus } from '../steps/corpus.js';
import { runFolder } from '../steps/folder.js';

/** Prepares the paths given, or those of the configuration. */
export async function corpusBuild(
  context: CommandContext,
  paths: readonly string[],
): Promise<CommandResult> {
  const folder = runFolder(context.config.run);
  const report = await prepareCorpus(
    context,
    folder,
    paths.length > 0 ? paths : context.config.corpus.paths,
  );
  return {
    text: `${formatReport(report)}\nWrote ${folder.corpus}. Next: heddle tokenizer train`,
    json: { directory: folder.corpus, report: JSON.parse(JSON.stringify(report)) },
  };
}
