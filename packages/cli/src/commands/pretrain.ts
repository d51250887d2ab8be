import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { runFolder } from '../steps/folder.js';
import { pretrainModel } from '../steps/pretrain.js';
import { profilingOf } from '../steps/profile.js';

/** Trains the model of the configuration on the run's tokens. */
export async function pretrain(
  context: CommandContext,
  options: { readonly resume: boolean; readonly profile: boolean },
): Promise<CommandResult> {
  const folder = runFolder(context.config.run);
  await using opened = await openBackend(context.config, context.reporter);
  const { backend, withProfile } = profilingOf(opened, options.profile);
  const { result } = await pretrainModel(context, folder, backend, options.resume);
  const loss = result.metrics.validation?.loss;
  const next =
    result.reason === 'interrupted'
      ? 'To go on: the same command with --resume'
      : 'Next: heddle eval, or heddle generate "Once"';
  return withProfile({
    text: `Step ${result.step} (${result.reason})${loss === undefined ? '' : `, validation loss ${loss.toFixed(4)}`}. Checkpoint: ${result.checkpoint}\n${next}`,
    json: {
      step: result.step,
      reason: result.reason,
      metrics: result.metrics,
      checkpoint: result.checkpoint ?? null,
    },
  });
}
