import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { openCheckpoint } from '../steps/checkpoint.js';
import { runFolder } from '../steps/folder.js';
import { writeText } from '../steps/generate.js';

/** Goes on from a prompt (default: from the beginning of a document), shown as it is written. */
export async function generateText(
  { config, reporter, signal }: CommandContext,
  prompt: string | undefined,
  options: { readonly model?: string; readonly json: boolean },
): Promise<CommandResult> {
  await using backend = await openBackend(config);
  const checkpoint = await openCheckpoint(runFolder(config.run), options.model, backend);
  if (!options.json) reporter.piece(prompt ?? '');
  const text = await writeText({
    ...checkpoint,
    backend,
    prompt: prompt ?? '',
    endOfText: config.tokenizer.endOfText,
    options: config.generate,
    seed: config.seed,
    signal,
    onText: (piece) => {
      if (!options.json) reporter.piece(piece);
    },
  });
  if (!options.json) reporter.piece('\n');
  return { text: '', json: { prompt: prompt ?? '', text, checkpoint: checkpoint.folder } };
}
