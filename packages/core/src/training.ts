import type { Awaitable, Json } from './json.js';
import type { Context } from './model.js';
import type { Params, Tensor } from './tensor.js';

/** What is minimised: a sum and a count, so that accumulation and data parallelism weigh every item equally. */
export interface Objective<Batch> {
  readonly name: string;
  /** `sum`: f32 scalar, the sum of the losses; `count`: how many losses were summed (tokens, examples), or their weights; 0 or at least 1. */
  loss(
    params: Params,
    batch: Batch,
    context: Context,
  ): { readonly sum: Tensor; readonly count: number };
}

export interface UpdateContext {
  /** Counts from 1. */
  readonly step: number;
  readonly lr: number;
  /** f32 scalar that multiplies the gradients (clipping). If it is not finite nothing may change. */
  readonly scale: Tensor;
}

/** Changes `params` and `state` in place. `state` is a record too, so it is checkpointed like weights. */
export interface Optimizer {
  readonly name: string;
  init(params: Params): Params;
  update(params: Params, grads: Params, state: Params, at: UpdateContext): void;
}

/** What a callback sees of the run. */
export interface Run {
  /** Where the run writes; undefined for a run in memory. */
  readonly directory: string | undefined;
  readonly step: number;
  readonly totalSteps: number;
  readonly params: Params;
  /** Asks the run to stop after this step. */
  stop(reason: string): void;
  /** Writes a checkpoint now and returns its folder; undefined for a run in memory. */
  checkpoint(): Promise<string | undefined>;
}

export interface StepEvent {
  readonly step: number;
  readonly lr: number;
  /** Items (tokens, examples) that the losses of this step counted. */
  readonly count: number;
  readonly seconds: number;
}

/** Numbers read back from the device, at the pace that logging asks for. */
export interface MetricsEvent {
  readonly step: number;
  readonly split: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Callback {
  readonly name: string;
  /** What it wants back on resume; kept with every checkpoint under its name. */
  saveState?(): Cursor;
  /** Called before `onStart` when the run goes on from a checkpoint that has a state under its name. */
  loadState?(state: Cursor): void;
  onStart?(run: Run): Awaitable<void>;
  onStep?(event: StepEvent, run: Run): Awaitable<void>;
  onMetrics?(event: MetricsEvent, run: Run): Awaitable<void>;
  onCheckpoint?(directory: string, run: Run): Awaitable<void>;
  /** `reason`: why it ended ('finished', 'interrupted', what `stop` was given, or the error's message). */
  onEnd?(reason: string, run: Run): Awaitable<void>;
}

/** The ranks of one data-parallel run. A single process is rank 0 of 1. */
export interface Collective {
  readonly rank: number;
  readonly worldSize: number;
  /** Replaces each tensor by its sum over the ranks. */
  allReduce(tensors: readonly Tensor[]): void;
  /** Replaces each tensor by that of `root`. */
  broadcast(tensors: readonly Tensor[], root: number): void;
  barrier(): Promise<void>;
}

/** State that a data source, a schedule or a callback wants back on resume. */
export type Cursor = Json;
