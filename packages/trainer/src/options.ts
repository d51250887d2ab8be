import {
  type Awaitable,
  type Backend,
  type Callback,
  type Collective,
  HeddleError,
  type Json,
  type Model,
  type Objective,
  type Optimizer,
  type Params,
  type Source,
  type Tokenizer,
} from '@heddle/core';
import type { ProductPrecision } from '@heddle/tensor';
import { solo } from './collective.js';
import type { Schedule } from './schedule.js';

export interface TrainOptions<Batch> {
  readonly backend: Backend;
  readonly objective: Objective<Batch>;
  /** One item is one micro-batch. If it ends, so does the run. */
  readonly data: Source<Batch>;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** All randomness of the run comes from it: any safe integer. */
  readonly seed: number;

  /** Makes the parameters if `params` is not given; its `config` becomes a checkpoint's `config.json`. */
  readonly model?: Pick<Model<never, unknown>, 'config' | 'init'>;
  /** Parameters to start from. They are changed in place and stay the caller's. */
  readonly params?: Params;
  /** Which parameters train, by name. Default all that are floating. */
  readonly trainable?: (name: string) => boolean;

  /** How many updates, and/or ... */
  readonly steps?: number;
  /** ... how much time by `clock`. The schedule then follows the part of the budget that is used. */
  readonly seconds?: number;
  /** Micro-batches a step. Default 1. */
  readonly accumulate?: number;
  /** The gradient's global norm is clipped to this. Default: no clipping. */
  readonly clip?: number;
  /**
   * 'bf16': factors of matrix products may be rounded to bf16 (`autocast` of @heddle/tensor), about twice
   * as fast where the processor multiplies those. Parameters, gradients, moments, norms, softmax, losses
   * and checkpoints stay f32. Default 'f32'.
   */
  readonly precision?: ProductPrecision;
  /** With 'bf16': parameters whose products stay f32 all the same, by name. Default: none. */
  readonly keepPrecision?: (name: string) => boolean;
  /** Losses are read back from the device every so many steps. Default 10. */
  readonly logEvery?: number;

  /** Measures the model, e.g. `{ loss }` on held-out data. Called every `evaluateEvery` steps and at the end. */
  readonly evaluate?: (
    params: Params,
    at: { readonly step: number },
  ) => Awaitable<Readonly<Record<string, number>>>;
  /** Default: only at the end. */
  readonly evaluateEvery?: number;

  /** The run's folder. Default: nothing is written. Ranks of one run each need their own. */
  readonly directory?: string;
  /** A checkpoint every so many steps, besides the one at the end. Default: as `evaluateEvery`. */
  readonly checkpointEvery?: number;
  /** How many of the newest checkpoints stay, besides the best. Default 2. */
  readonly keep?: number;
  /** Which evaluated metric makes a checkpoint the best. Default the smallest `loss`. */
  readonly best?: { readonly metric: string; readonly mode: 'min' | 'max' };
  /** Go on from the folder's newest checkpoint, or begin if there is none. Default false: the folder must have none. */
  readonly resume?: boolean;
  /** Written into every checkpoint. */
  readonly tokenizer?: Tokenizer;
  /** More JSON files for every checkpoint by their names, e.g. `generation_config.json`. */
  readonly files?: Readonly<Record<string, Json>>;
  /** Anything to be recorded in the run's `config.json`. */
  readonly config?: Readonly<Record<string, Json>>;

  readonly callbacks?: readonly Callback[];
  /** When it fires, the run ends after the current step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Default `solo()`. */
  readonly collective?: Collective;
  /** Seconds from any origin. Default `performance.now() / 1000`. Only timings and the time budget depend on it. */
  readonly clock?: () => number;
}

export interface TrainResult {
  /** The trained parameters: those given, or else the caller's to dispose. */
  readonly params: Params;
  /** Updates made, in all sessions of the run. */
  readonly step: number;
  /** `finished`, `interrupted`, `the data ended`, or what a callback gave to `run.stop`. */
  readonly reason: string;
  /** The last metrics of each split. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The folder of the last checkpoint. */
  readonly checkpoint: string | undefined;
}

/** Options with their defaults. */
export type Settings<Batch> = TrainOptions<Batch> &
  Required<
    Pick<
      TrainOptions<Batch>,
      | 'accumulate'
      | 'precision'
      | 'logEvery'
      | 'keep'
      | 'best'
      | 'resume'
      | 'callbacks'
      | 'collective'
      | 'clock'
    >
  >;

const OWN_FILES = new Set(['config.json', 'tokenizer.json', 'state.json']);

/** Throws `invalid-argument` for what cannot be meant. */
function checkOptions(options: TrainOptions<unknown>): void {
  const { steps, seconds, clip, params, model } = options;
  const refuse = (argument: string, given: Json, rule: string): never => {
    throw new HeddleError('invalid-argument', `train: ${argument} is ${String(given)}; ${rule}.`, {
      argument,
      given,
    });
  };
  if (steps === undefined && seconds === undefined)
    refuse('steps', null, 'give `steps`, `seconds` or both, or the run would not end');
  if (params === undefined && model === undefined)
    refuse('model', null, 'give `model`, `params` or both');
  for (const name of [
    'steps',
    'accumulate',
    'logEvery',
    'evaluateEvery',
    'checkpointEvery',
    'keep',
  ] as const) {
    const given = options[name];
    if (given !== undefined && !(Number.isSafeInteger(given) && given >= 1))
      refuse(name, given, 'it must be a whole number from 1 up');
  }
  for (const [name, given] of [
    ['seconds', seconds],
    ['clip', clip],
  ] as const)
    if (given !== undefined && !(given > 0 && Number.isFinite(given)))
      refuse(name, given, 'it must be a positive number');
  for (const name of Object.keys(options.files ?? {}))
    if (!/^[\w-]+\.json$/.test(name) || OWN_FILES.has(name))
      refuse('files', name, "names are plain, end in .json, and are none of the trainer's own");
  const { precision = 'f32' } = options;
  if (precision !== 'f32' && precision !== 'bf16')
    refuse('precision', precision, "it must be 'f32' or 'bf16'");
  if (!Number.isSafeInteger(options.seed))
    refuse('seed', options.seed, 'it must be a safe integer');
}

/** The options, once checked, with their defaults. */
export function withDefaults<Batch>(options: TrainOptions<Batch>): Settings<Batch> {
  checkOptions(options);
  return {
    ...options,
    accumulate: options.accumulate ?? 1,
    precision: options.precision ?? 'f32',
    logEvery: options.logEvery ?? 10,
    keep: options.keep ?? 2,
    best: options.best ?? { metric: 'loss', mode: 'min' },
    resume: options.resume ?? false,
    callbacks: options.callbacks ?? [],
    collective: options.collective ?? solo(),
    clock: options.clock ?? (() => performance.now() / 1000),
  };
}
