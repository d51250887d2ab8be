import { formatReport } from '@heddle/eval';
import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { openCheckpoint } from '../steps/checkpoint.js';
import { evaluateHeldOut } from '../steps/evaluate.js';
import { runFolder } from '../steps/folder.js';

/** Measures a checkpoint on the held-out documents. */
export async function evaluate(
  context: CommandContext,
  named: string | undefined,
): Promise<CommandResult> {
  const folder = runFolder(context.config.run);
  await using backend = await openBackend(context.config, context.reporter);
  const checkpoint = await openCheckpoint(folder, named, backend);
  const { estimates, tokens, bytes } = await evaluateHeldOut(context, folder, {
    ...checkpoint,
    backend,
  });
  return {
    text: formatReport({
      title: `${checkpoint.folder} on held-out documents`,
      rows: [{ name: 'model', estimates }],
    }),
    json: {
      checkpoint: checkpoint.folder,
      tokens,
      bytes: bytes ?? null,
      estimates: JSON.parse(JSON.stringify(estimates)),
    },
  };
}
