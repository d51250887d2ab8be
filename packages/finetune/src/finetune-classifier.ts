import {
  type Backend,
  type Callback,
  type Estimate,
  fold,
  HeddleError,
  type LanguageModel,
  type Metric,
  type Params,
  rngKey,
  type Tokenizer,
} from '@heddle/core';
import { adamw, copy } from '@heddle/tensor';
import { linear, type TrainOptions, type TrainResult, train } from '@heddle/trainer';
import { balancedWeights, classification } from './classification.js';
import { type ClassificationSource, classificationBatches } from './classification-batches.js';
import { type Classifier, classifier, HEAD, isUnused, type Pooling } from './classifier.js';
import {
  adaptersOf,
  isAdapter,
  type LoraModel,
  type LoraOptions,
  lora,
  mergeLora,
} from './lora.js';
import { linearTargets } from './lora-targets.js';
import { predict } from './predict.js';
import { type LabelledText, labelIndices, labelsOf } from './texts.js';

export interface FinetuneClassifierOptions {
  readonly backend: Backend;
  readonly model: LanguageModel;
  /** The pre-trained parameters. They stay as they are and the caller's. */
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  /** What to learn from; every label must come in it. */
  readonly examples: readonly LabelledText[];
  /** Held-out examples to measure on. */
  readonly validation?: readonly LabelledText[];
  /** Default: the labels of `examples`, in code unit order. */
  readonly labels?: readonly string[];
  /** `false` trains all weights. Default: rank 8, alpha 16, all linear layers (`linearTargets`). */
  readonly lora?: (Omit<LoraOptions, 'targets'> & Partial<Pick<LoraOptions, 'targets'>>) | false;
  readonly pooling?: Pooling;
  /** Of the pooled features. Default 0. */
  readonly dropout?: number;
  /** `balanced`: every label weighs the same in all. Default: every example does. */
  readonly classWeights?: 'balanced' | readonly number[];
  /** Tokens of a text at most; longer ones keep their beginning. Default: the model's context length. */
  readonly maxLength?: number;
  /** Examples of a batch. Default 16. */
  readonly rows?: number;
  /** Default 3. */
  readonly epochs?: number;
  /** Ends the run, and its schedule, earlier if `epochs` take longer. */
  readonly seconds?: number;
  /** The highest learning rate, after a warm-up over 6 % of the steps; then straight down to 0. Default 1e-3 with LoRA, else 1e-4. */
  readonly lr?: number;
  /** Default 0.01. */
  readonly weightDecay?: number;
  /** Norm that the gradient is clipped to. Default 1. */
  readonly clip?: number;
  /** 'bf16': matrix products in mixed precision, as `train` says. Default 'f32'. */
  readonly precision?: TrainOptions<unknown>['precision'];
  /** Metrics of the validation examples besides loss and accuracy. */
  readonly metrics?: readonly Metric<ClassifiedText, unknown>[];
  /** Also measures on the validation examples every so many steps. Default: only at the end. */
  readonly evaluateEvery?: number;
  /** Default 0. */
  readonly seed?: number;
  /** The run's folder (see `@heddle/trainer`). Default: nothing is written. */
  readonly directory?: string;
  /** Go on from the folder's newest checkpoint. Default false. */
  readonly resume?: boolean;
  readonly callbacks?: readonly Callback[];
  /** Ends the run after the current step. */
  readonly signal?: AbortSignal;
}

/** What a classifier said of a text, beside what is right. */
export interface ClassifiedText {
  readonly expected: string;
  readonly predicted: string;
}

export interface ClassifierValidation {
  /** Mean of -log p of the right label, in nats. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the given metrics, by name. */
  readonly estimates: Readonly<Record<string, Estimate>>;
  /** In the order of the examples. */
  readonly predictions: readonly ClassifiedText[];
}

export interface FinetunedClassifier {
  /** Over the given model, without adapters. */
  readonly classifier: Classifier;
  /** Its parameters, adapters merged. Weights that did not train are shared with those given. */
  readonly params: Params;
  /** The adapters alone; undefined without LoRA. */
  readonly adapters: Params | undefined;
  /** Undefined without validation examples, and after an interruption. */
  readonly validation: ClassifierValidation | undefined;
  /** Steps made, why it ended, the last checkpoint (which holds the adapters beside the base's weights). */
  readonly training: Omit<TrainResult, 'params'>;
  /** Texts of `examples` that were cut to `maxLength`. */
  readonly truncated: number;
}

/**
 * Teaches a language model to tell labels apart: a head on its hidden states, trained together with
 * LoRA adapters (or all weights) by AdamW.
 *
 * Errors: `finetune/no-examples`, `finetune/missing-label` (a label without example, or fewer than
 * two labels), `finetune/unknown-label`, `finetune/empty-text`, `finetune/no-target`,
 * `invalid-argument`, and those of `train`.
 */
export async function finetuneClassifier(
  options: FinetuneClassifierOptions,
): Promise<FinetunedClassifier> {
  const { model, examples, validation = [], seed = 0 } = options;
  const labels = checkedLabels(examples, options.labels);
  labelIndices(validation, labels);
  const adapters = withLora(options);
  const trained = classifier(adapters ?? model, { ...options, labels });
  const data = classificationBatches(examples, {
    tokenizer: options.tokenizer,
    labels,
    rows: options.rows,
    maxLength: options.maxLength ?? model.contextLength,
    seed,
  });
  const params = startParams(options, trained, adapters);
  const result = await run(options, trained, data, params).catch((error: unknown) => {
    const given = new Set(Object.values(options.params));
    for (const t of Object.values(params)) if (!given.has(t)) t.dispose();
    throw error;
  });
  const interrupted = options.signal?.aborted ?? false;

  const plain = classifier(model, { ...options, labels, pooling: trained.pooling });
  const merged = adapters === undefined ? result.params : mergeLora(adapters, result.params);
  const { params: _, ...training } = result;
  return {
    classifier: plain,
    params: merged,
    adapters: adapters && adaptersOf(result.params),
    validation:
      validation.length > 0 && !interrupted ? await validate(options, plain, merged) : undefined,
    training,
    truncated: data.truncated,
  };
}

function checkedLabels(
  examples: readonly LabelledText[],
  given: readonly string[] | undefined,
): readonly string[] {
  if (examples.length === 0) {
    throw new HeddleError('finetune/no-examples', 'There is no example to learn from.', {
      what: 'finetuneClassifier',
    });
  }
  const labels = given ?? labelsOf(examples);
  labelIndices(examples, labels);
  balancedWeights(examples, labels); // every label comes
  return labels;
}

function withLora({
  model,
  lora: options = { rank: 8 },
}: FinetuneClassifierOptions): LoraModel | undefined {
  if (options === false) return undefined;
  return lora(model, { ...options, targets: options.targets ?? linearTargets(model.config) });
}

/** The given parameters with a fresh head and adapters; without LoRA, copies of those that will train. */
function startParams(
  { backend, params, seed = 0 }: FinetuneClassifierOptions,
  trained: Classifier,
  adapters: LoraModel | undefined,
): Params {
  const key = fold(rngKey(seed), 'finetune');
  const head = trained.initHead(key, backend);
  if (adapters !== undefined) {
    return { ...params, ...adapters.initAdapters(params, fold(key, 'lora')), ...head };
  }
  const own = Object.entries(params).map(([name, t]) => [name, isUnused(name) ? t : copy(t)]);
  return { ...Object.fromEntries(own), ...head };
}

function run(
  options: FinetuneClassifierOptions,
  trained: Classifier,
  data: ClassificationSource,
  params: Params,
): Promise<TrainResult> {
  const { backend, examples, epochs = 3, lr, clip = 1, seed = 0, weightDecay = 0.01 } = options;
  const withAdapters = options.lora !== false;
  const classWeights =
    options.classWeights === 'balanced'
      ? balancedWeights(examples, trained.labels)
      : options.classWeights;
  const measure = async (now: Params): Promise<Record<string, number>> => {
    const { loss, accuracy } = await validate(options, trained, now);
    return { loss, accuracy };
  };
  return train({
    backend,
    model: trained,
    params,
    trainable: (name) => name === HEAD || (withAdapters ? isAdapter(name) : !isUnused(name)),
    objective: classification(trained, { classWeights }),
    data,
    optimizer: adamw({ weightDecay }),
    schedule: linear({ lr: lr ?? (withAdapters ? 1e-3 : 1e-4), warmup: 0.06 }),
    steps: Math.max(1, Math.round(epochs * data.batchesPerEpoch)),
    clip,
    precision: options.precision,
    seed,
    tokenizer: options.tokenizer,
    ...(options.seconds === undefined ? {} : { seconds: options.seconds }),
    ...(options.evaluateEvery === undefined || options.validation === undefined
      ? {}
      : { evaluate: measure, evaluateEvery: options.evaluateEvery }),
    directory: options.directory,
    resume: options.resume,
    callbacks: options.callbacks,
    signal: options.signal,
  });
}

async function validate(
  { backend, tokenizer, validation = [], maxLength, metrics = [] }: FinetuneClassifierOptions,
  trained: Classifier,
  params: Params,
): Promise<ClassifierValidation> {
  const texts = validation.map(({ text }) => text);
  const answers = await predict({
    classifier: trained,
    params,
    backend,
    tokenizer,
    texts,
    maxLength,
  });
  const targets = labelIndices(validation, trained.labels);
  const predictions = answers.map(({ label }, i) => ({
    expected: validation[i].label,
    predicted: label,
  }));
  const right = predictions.filter(({ expected, predicted }) => expected === predicted).length;
  const losses = answers.map(({ probabilities }, i) => {
    return -Math.log(Math.max(probabilities[targets[i]], Number.MIN_VALUE));
  });
  const estimates = metrics.map((metric): [string, Estimate] => [
    metric.name,
    metric.value(predictions.reduce((s, p) => metric.add(s, p), metric.empty())),
  ]);
  return {
    loss: losses.reduce((a, b) => a + b, 0) / losses.length,
    accuracy: right / predictions.length,
    estimates: Object.fromEntries(estimates),
    predictions,
  };
}
