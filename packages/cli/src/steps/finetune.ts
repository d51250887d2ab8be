import { join } from 'node:path';
import { type Backend, type Estimate, fold, type Metric, rngKey } from '@heddle/core';
import { accuracy, macroF1, majorityBaseline } from '@heddle/eval';
import {
  type ClassifiedText,
  classifier,
  type FinetunedClassifier,
  finetuneClassifier,
  type LabelledText,
  labelsOf,
  predict,
  saveClassifier,
} from '@heddle/finetune';
import { progress } from '@heddle/trainer';
import type { CommandContext } from '../command.js';
import { count } from '../terminal/format.js';
import type { Checkpoint } from './checkpoint.js';
import type { RunFolder } from './folder.js';

type Estimates = Readonly<Record<string, Estimate>>;

export interface FinetuneOutcome {
  readonly tuned: FinetunedClassifier;
  readonly labels: readonly string[];
  /** On the held-out examples, by metric: with an untrained head, and after. */
  readonly before: Estimates;
  readonly after: Estimates;
  /** Always answering the commonest label of the training examples. */
  readonly baseline: Estimates;
  /** The classifier as a Hugging Face folder. */
  readonly model: string;
}

/** Accuracy and macro-F1. */
export function classifierMetrics(labels: readonly string[]): Metric<ClassifiedText, unknown>[] {
  return [accuracy(), macroF1({ labels })];
}

/** What the configuration says of fine-tuning, but for the examples. */
export function classifierOptions(
  { config: { finetune, seed }, signal }: CommandContext,
  backend: Backend,
  { model, params, tokenizer }: Checkpoint,
  labels: readonly string[],
) {
  return {
    backend,
    model,
    params,
    tokenizer,
    labels,
    lora: { rank: finetune.loraRank, alpha: finetune.loraAlpha },
    rows: finetune.rows,
    epochs: finetune.epochs,
    seconds: finetune.seconds,
    maxLength: Math.min(finetune.maxLength, model.contextLength),
    lr: finetune.lr,
    seed,
    signal,
  };
}

/** Teaches a checkpoint to tell labels apart, and measures it on the held-out examples. */
export async function finetuneOn(
  context: CommandContext,
  folder: RunFolder,
  backend: Backend,
  base: Checkpoint,
  examples: { readonly train: readonly LabelledText[]; readonly test: readonly LabelledText[] },
  resume = false,
): Promise<FinetuneOutcome> {
  const { config, reporter } = context;
  const labels = labelsOf(examples.train);
  const metrics = classifierMetrics(labels);
  const options = classifierOptions(context, backend, base, labels);
  const before = await untrained(
    base,
    backend,
    labels,
    examples.test,
    options.maxLength,
    config.seed,
  );
  const tuned = await finetuneClassifier({
    ...options,
    examples: examples.train,
    validation: examples.test,
    metrics,
    directory: join(folder.finetune, 'run'),
    resume,
    callbacks: [progress({ stream: reporter.sink, unit: 'examples' })],
  });
  const model = join(folder.finetune, 'model');
  await saveClassifier(model, {
    classifier: tuned.classifier,
    params: tuned.params,
    tokenizer: base.tokenizer,
  });
  reporter.done(
    `${count(examples.train.length)} examples, ${tuned.training.step} steps, ${tuned.training.reason}; saved as ${model}`,
  );
  return {
    tuned,
    labels,
    before: measure(metrics, before),
    after: tuned.validation?.estimates ?? {},
    baseline: measure(metrics, commonest(examples)),
    model,
  };
}

/** What the same classifier says before any training: the pre-trained body with a fresh head. */
async function untrained(
  { model, params, tokenizer }: Checkpoint,
  backend: Backend,
  labels: readonly string[],
  test: readonly LabelledText[],
  maxLength: number,
  seed: number,
): Promise<ClassifiedText[]> {
  const fresh = classifier(model, { labels });
  const head = fresh.initHead(fold(rngKey(seed), 'untrained'), backend);
  const texts = test.map(({ text }) => text);
  const answers = await predict({
    classifier: fresh,
    params: { ...params, ...head },
    backend,
    tokenizer,
    texts,
    maxLength,
  });
  for (const tensor of Object.values(head)) tensor.dispose();
  return answers.map(({ label }, i) => ({ expected: test[i].label, predicted: label }));
}

function commonest({
  train,
  test,
}: {
  train: readonly LabelledText[];
  test: readonly LabelledText[];
}): ClassifiedText[] {
  const { label } = majorityBaseline(train.map((example) => example.label));
  return test.map((example) => ({ expected: example.label, predicted: label }));
}

function measure(
  metrics: readonly Metric<ClassifiedText, unknown>[],
  observed: readonly ClassifiedText[],
): Estimates {
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.name,
      metric.value(observed.reduce((state, one) => metric.add(state, one), metric.empty())),
    ]),
  );
}
