import type { Json, Plugin } from '@heddle/core';
import { z } from 'zod';

/*
 * The configuration of the command: types, defaults, descriptions and checks in one place.
 * `--help`, error messages and the reference in docs/ come from here.
 */

const fraction = z.number().gt(0).lt(1);
const count = z.int().positive();

const json: z.ZodType<Json> = z.json();

/** A part of a plug-in by its name, with its options. */
const part = z.strictObject({ name: z.string(), options: z.record(z.string(), json).default({}) });

const corpus = z
  .strictObject({
    paths: z.array(z.string()).default(['.']).describe('files and folders to read'),
    include: z
      .array(z.string())
      .optional()
      .describe('glob patterns of files to read (default: text, Markdown, HTML, JSONL)'),
    exclude: z.array(z.string()).optional().describe('glob patterns of files to leave out'),
    validation: fraction.default(0.05).describe('share of the documents that is held out'),
    nearDuplicates: z
      .number()
      .gt(0)
      .lte(1)
      .default(0.8)
      .describe('Jaccard similarity from which a document is a duplicate'),
    minCharacters: count.default(200).describe('shorter documents are dropped'),
    maxCharacters: count.default(50_000).describe('longer documents are cut into parts'),
    keepTogether: z
      .boolean()
      .default(true)
      .describe(
        'parts of one document stay on one side of the split; false for a single long text',
      ),
    source: part.optional().describe('source of a plug-in, instead of paths'),
    stages: z.array(part).default([]).describe('stages of plug-ins, run after normalisation'),
  })
  .describe('what to read, and how to clean it');

const tokenizer = z
  .strictObject({
    vocabSize: z.int().min(257).default(4096).describe('entries of the vocabulary'),
    endOfText: z
      .string()
      .min(1)
      .default('<|endoftext|>')
      .describe('special token between documents'),
  })
  .describe('a byte-level BPE trained on the corpus');

const model = z
  .strictObject({
    family: z.enum(['gpt2', 'llama', 'bert']).default('gpt2').describe('architecture'),
    layers: count.default(4),
    heads: count.default(4),
    keyValueHeads: count.optional().describe('llama: heads of keys and values (default: heads)'),
    hidden: count.default(192).describe('width'),
    context: count.default(256).describe('longest sequence, in tokens'),
    dropout: z.number().gte(0).lt(1).default(0),
  })
  .describe('the Transformer');

const pretrain = z
  .strictObject({
    objective: z.enum(['causal', 'masked']).default('causal'),
    steps: count
      .optional()
      .describe('optimizer steps (default 1000, or as many as `seconds` allows)'),
    seconds: z
      .number()
      .positive()
      .optional()
      .describe('time budget; the schedule follows the share that is used'),
    rows: count.default(8).describe('sequences in a micro-batch'),
    accumulate: count.default(1).describe('micro-batches in a step'),
    lr: z.number().positive().default(1e-3).describe('peak learning rate'),
    warmup: z
      .number()
      .gte(0)
      .lt(1)
      .default(0.05)
      .describe('share of the steps in which the rate rises'),
    minLr: z.number().gte(0).default(1e-4).describe('final learning rate'),
    weightDecay: z.number().gte(0).default(0.1),
    clip: z.number().positive().default(1).describe('largest global norm of the gradient'),
    precision: z
      .enum(['f32', 'bf16'])
      .default('f32')
      .describe('of matrix products; bf16 is faster where the processor has it'),
    logEvery: count.default(10).describe('steps between two lines of metrics'),
    evaluateEvery: count.default(200).describe('steps between two validation losses'),
    sampleEvery: count
      .optional()
      .describe('steps between two samples (default: with each evaluation)'),
    checkpointEvery: count.default(200).describe('steps between two checkpoints'),
    keep: count.default(2).describe('checkpoints that stay'),
    callbacks: z.array(part).default([]).describe('callbacks of plug-ins'),
  })
  .describe('self-supervised training');

const finetune = z
  .strictObject({
    train: z.string().optional().describe('JSONL of {"text", "label"}'),
    test: z.string().optional().describe('JSONL of {"text", "label"}, held out'),
    base: z
      .string()
      .optional()
      .describe('checkpoint to start from (default: the newest of the run)'),
    rows: count.default(16),
    epochs: count.default(3),
    seconds: z.number().positive().optional().describe('time budget'),
    maxLength: count.default(128).describe('tokens of a text that are read'),
    lr: z.number().positive().default(1e-3),
    loraRank: count.default(8),
    loraAlpha: z.number().positive().default(16),
    folds: z.int().min(2).optional().describe('cross-validate with so many folds as well'),
  })
  .describe('text classification with LoRA');

const generate = z
  .strictObject({
    maxTokens: count.default(100),
    temperature: z.number().gte(0).default(0.8).describe('0 is greedy'),
    topK: count.optional(),
    topP: z.number().gt(0).lte(1).optional(),
    minP: z.number().gte(0).lt(1).optional(),
    repetitionPenalty: z.number().positive().optional(),
    stop: z.array(z.string().min(1)).default([]).describe('strings that end the text'),
  })
  .describe('sampling');

const backend = z
  .looseObject({ name: z.string().default('cpu') })
  .describe('where to compute; other keys are options of that backend');

export const configSchema = z.strictObject({
  run: z.string().min(1).default('runs/main').describe('folder of the run'),
  seed: z.int().gte(0).default(1),
  backend: backend.prefault({}),
  plugins: z
    .array(
      z.custom<Plugin>(
        (value) => typeof value === 'object' && value !== null,
        'a plug-in is wanted (names are for configuration files)',
      ),
    )
    .default([])
    .describe('plug-ins: values, or names of packages and files that export one'),
  corpus: corpus.prefault({}),
  tokenizer: tokenizer.prefault({}),
  model: model.prefault({}),
  pretrain: pretrain.prefault({}),
  finetune: finetune.prefault({}),
  generate: generate.prefault({}),
});

/** What a writer writes: every key is optional, and a plug-in may be named. */
export type HeddleConfig = Omit<z.input<typeof configSchema>, 'plugins'> & {
  readonly plugins?: readonly (Plugin | string)[];
};

/** What the commands read: every default is filled in. */
export type ResolvedConfig = z.output<typeof configSchema>;
