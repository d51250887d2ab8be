import { existsSync } from 'node:fs';
import { HeddleError } from '@heddle/core';
import { saveModel } from '@heddle/transformer';
import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { openCheckpoint } from '../steps/checkpoint.js';
import { runFolder } from '../steps/folder.js';

/** Writes a checkpoint as the folder that Hugging Face's transformers loads, without the optimizer's state. */
export async function exportModel(
  { config }: CommandContext,
  folder: string,
  options: { readonly model?: string },
): Promise<CommandResult> {
  if (existsSync(folder)) {
    throw new HeddleError('cli/usage', `${folder} is there already; name a new folder.`, {
      argument: folder,
    });
  }
  await using backend = await openBackend(config);
  const {
    model,
    params,
    tokenizer,
    folder: from,
  } = await openCheckpoint(runFolder(config.run), options.model, backend);
  await saveModel(folder, { model, params, tokenizer });
  return {
    text: `Wrote ${from} to ${folder} for transformers (config.json, model.safetensors, tokenizer.json).`,
    json: { from, folder },
  };
}
