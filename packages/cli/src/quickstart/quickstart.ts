import { join } from 'node:path';
import { type Backend, fold, HeddleError, type Json, rngKey } from '@heddle/core';
import { describeCpu } from '@heddle/cpu';
import { formatReport } from '@heddle/eval';
import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import type { Checkpoint } from '../steps/checkpoint.js';
import { prepareCorpus } from '../steps/corpus.js';
import { evaluateHeldOut } from '../steps/evaluate.js';
import { finetuneOn } from '../steps/finetune.js';
import { type RunFolder, runFolder } from '../steps/folder.js';
import { writeText } from '../steps/generate.js';
import { pretrainModel } from '../steps/pretrain.js';
import { encodeCorpus, learnTokenizer } from '../steps/tokenizer.js';
import { duration } from '../terminal/format.js';
import { ParagraphCollector } from './labels.js';
import { documentation, quickstartConfig, saveConfig, withBudget } from './settings.js';

interface QuickstartOptions {
  readonly text?: readonly string[];
  readonly minutes: string;
}

/** All stages, one after the other, on real text. */
export async function quickstart(
  given: CommandContext,
  options: QuickstartOptions,
): Promise<CommandResult> {
  const began = performance.now();
  const minutes = Number(options.minutes);
  if (!(minutes >= 0.2 && minutes <= 1440)) {
    throw new HeddleError(
      'cli/usage',
      `--minutes ${options.minutes}: give a number from 0.2 to 1440.`,
      { argument: '--minutes' },
    );
  }
  const secondsLeft = (): number => minutes * 60 - (performance.now() - began) / 1000;
  const paths = options.text ?? documentation();
  const cpu = describeCpu();
  const preset = { paths, ownText: options.text !== undefined, native: cpu.tier !== 'reference' };
  const chosen = quickstartConfig(preset, given.given);
  let config = await saveConfig(chosen);
  let context: CommandContext = { ...given, config };
  const { reporter, signal } = context;
  const folder = runFolder(config.run);
  await using backend = await openBackend(config);
  reporter.line(
    `Run: ${folder.root}. Backend: ${backend.name}, ${cpu.tier}, ${cpu.threads} threads.`,
  );
  if (!preset.native)
    reporter.line(`${cpu.reason} The time budget stays, so the model is smaller.`);

  reporter.heading('1. Corpus');
  const paragraphs = new ParagraphCollector();
  const corpus = await prepareCorpus(context, folder, paths, [paragraphs.stage]);
  for (const { name, dropped } of corpus.stages) {
    for (const { reason, documents } of dropped)
      reporter.line(`${documents} dropped by ${name}: ${reason}`);
  }
  reporter.heading('2. Tokenizer');
  const tokenizer = await learnTokenizer(context, folder);
  await encodeCorpus(context, folder, tokenizer);
  config = await saveConfig(withBudget(chosen, secondsLeft(), preset.native));
  context = { ...context, config };

  reporter.heading('3. Pre-training');
  const { model, result } = await pretrainModel(context, folder, backend, false);
  if (signal.aborted) return interrupted(folder, result.step);
  const base: Checkpoint = {
    folder: result.checkpoint ?? folder.pretrain,
    model,
    params: result.params,
    tokenizer,
  };

  reporter.heading('4. Fine-tuning: is a paragraph from a changelog, a licence or a readme?');
  const labels = paragraphs.split(config.seed);
  const tuned = labels && (await finetuneOn(context, folder, backend, base, labels));
  if (!labels)
    reporter.line(
      'skipped: the text brings no files named CHANGELOG, LICENSE and README to learn from.',
    );
  if (signal.aborted) return interrupted(folder, result.step);

  reporter.heading('5. Evaluation on held-out documents');
  const evaluation = await beforeAndAfter(context, folder, backend, base);
  reporter.line(indent(formatReport({ title: 'language model', rows: evaluation })));
  if (tuned) {
    reporter.line(
      indent(
        formatReport({
          title: 'classifier',
          rows: [
            { name: 'commonest label', estimates: tuned.baseline },
            { name: 'before', estimates: tuned.before },
            { name: 'after', estimates: tuned.after },
          ],
        }),
      ),
    );
  }

  reporter.heading('6. Samples');
  const samples = await samplesAt(context, backend, base, [0, 0.7, 1]);

  const seconds = (performance.now() - began) / 1000;
  const flag = `--config ${folder.config}`;
  return {
    text: [
      '',
      `Done in ${duration(seconds)}. The run's folder is ${folder.root}. Try next:`,
      `  npx heddle generate "To install" ${flag}`,
      `  npx heddle pretrain --resume ${flag} --set pretrain.seconds=${Math.round(Number(config.pretrain.seconds) * 3)}`,
      `  npx heddle export ${join(folder.root, 'exported')} ${flag}`,
    ].join('\n'),
    json: {
      run: folder.root,
      seconds,
      steps: result.step,
      checkpoint: result.checkpoint ?? null,
      languageModel: plain(evaluation),
      classifier: tuned
        ? plain({ baseline: tuned.baseline, before: tuned.before, after: tuned.after })
        : null,
      samples,
    },
  };
}

async function beforeAndAfter(
  context: CommandContext,
  folder: RunFolder,
  backend: Backend,
  base: Checkpoint,
) {
  const fresh = base.model.init(fold(rngKey(context.config.seed), 'untrained'), backend);
  const before = await evaluateHeldOut(context, folder, { ...base, params: fresh, backend });
  for (const tensor of Object.values(fresh)) tensor.dispose();
  const after = await evaluateHeldOut(context, folder, { ...base, backend });
  return [
    { name: 'before', estimates: before.estimates },
    { name: 'after', estimates: after.estimates },
  ];
}

/** Where the samples begin. */
const PROMPT = 'To install';

async function samplesAt(
  { config, reporter, signal }: CommandContext,
  backend: Backend,
  base: Checkpoint,
  temperatures: readonly number[],
) {
  const samples: { temperature: number; text: string }[] = [];
  for (const temperature of temperatures) {
    reporter.line(`temperature ${temperature}:`);
    reporter.stream(`    ${PROMPT}`);
    const text = await writeText({
      ...base,
      backend,
      prompt: PROMPT,
      endOfText: config.tokenizer.endOfText,
      seed: config.seed,
      signal,
      options: { ...config.generate, temperature, maxTokens: 60 },
      onText: (piece) => reporter.stream(piece.replaceAll('\n', '\n    ')),
    });
    reporter.stream('\n');
    samples.push({ temperature, text });
  }
  return samples;
}

function interrupted(folder: RunFolder, step: number): CommandResult {
  const next = `npx heddle pretrain --resume --config ${folder.config}`;
  return {
    text: `\nStopped at step ${step}; a checkpoint was saved. To go on:\n  ${next}`,
    json: { run: folder.root, reason: 'interrupted', step, next },
  };
}

const indent = (text: string): string => text.trimEnd().replaceAll('\n', '\n  ');
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));
