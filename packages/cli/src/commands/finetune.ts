import { HeddleError, type Json } from '@heddle/core';
import { jsonl } from '@heddle/corpus';
import { formatReport } from '@heddle/eval';
import type { LabelledText } from '@heddle/finetune';
import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { openCheckpoint } from '../steps/checkpoint.js';
import { crossValidateOn } from '../steps/cross-validate.js';
import { finetuneOn } from '../steps/finetune.js';
import { runFolder } from '../steps/folder.js';
import { profilingOf } from '../steps/profile.js';

/** Fine-tunes on the JSONL files of the configuration. */
export async function finetune(
  context: CommandContext,
  options: { readonly resume: boolean; readonly profile: boolean },
): Promise<CommandResult> {
  const { config } = context;
  const folder = runFolder(config.run);
  const train = await readLabelled('finetune.train', config.finetune.train);
  const test = await readLabelled('finetune.test', config.finetune.test);
  await using opened = await openBackend(config, context.reporter);
  const { backend, withProfile } = profilingOf(opened, options.profile);
  const base = await openCheckpoint(folder, config.finetune.base, backend);
  const { folds } = config.finetune;
  const validated = folds && (await crossValidateOn(context, backend, base, train, folds));
  const { before, after, baseline, labels, model, tuned } = await finetuneOn(
    context,
    folder,
    backend,
    base,
    { train, test },
    options.resume,
  );
  const rows = [
    { name: 'commonest label', estimates: baseline },
    { name: 'before', estimates: before },
    { name: 'after', estimates: after },
    ...(validated
      ? [{ name: `${folds}-fold, of the training examples`, estimates: validated.estimates }]
      : []),
  ];
  const title = `${labels.length} labels, ${train.length} examples, measured on ${test.length}`;
  return withProfile({
    text: formatReport({ title, rows }),
    json: {
      labels: [...labels],
      model,
      steps: tuned.training.step,
      reason: tuned.training.reason,
      estimates: JSON.parse(JSON.stringify({ baseline, before, after })),
      folds: validated ? JSON.parse(JSON.stringify(validated)) : null,
    },
  });
}

/** Lines of `{"text": …, "label": …}`. */
async function readLabelled(key: string, path: string | undefined): Promise<LabelledText[]> {
  if (path === undefined) {
    throw new HeddleError(
      'config/invalid',
      `${key} is not set; name a JSONL file of {"text", "label"} lines, e.g. --set ${key}=labels.jsonl`,
      {
        file: 'the configuration',
        problems: [{ key, message: 'missing' }],
      },
    );
  }
  const examples: LabelledText[] = [];
  for await (const { value } of jsonl({ paths: [path], onBadFile: 'error' }).read({
    rank: 0,
    worldSize: 1,
  })) {
    const { fields } = value.meta;
    const label = isRecord(fields) ? fields.label : undefined;
    if (typeof label !== 'string') {
      throw new HeddleError('bad-file', `${value.id}: every line needs a "label" that is a text.`, {
        path,
        reason: 'no label',
      });
    }
    examples.push({ text: value.text, label });
  }
  return examples;
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
