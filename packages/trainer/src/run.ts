import { join } from 'node:path';
import {
  type Callback,
  type Cursor,
  fold,
  HeddleError,
  type MetricsEvent,
  type Params,
  type Run,
  rngKey,
  type StepEvent,
  type Tensor,
} from '@heddle/core';
import { keepPrecision } from '@heddle/tensor';
import { jsonlLog } from './callbacks/jsonl-log.js';
import {
  type CheckpointState,
  LAYOUT_VERSION,
  latestCheckpoint,
  pruneCheckpoints,
  readState,
  saveCheckpoint,
} from './checkpoint.js';
import type { Settings, TrainResult } from './options.js';
import { checkIdentity, identity, restoreTensors } from './resume.js';
import { prepareFolder } from './run-folder.js';

/** A step whose numbers are still on the device. */
interface Pending {
  readonly step: number;
  readonly lr: number;
  /** f32 [3]: sum of the losses, their count, norm of the gradient. */
  readonly report: Tensor;
  /** The place in the data before and after the step. */
  readonly after: Cursor | undefined;
  readonly cursor: Cursor;
}

/** A run as it stands: tensors, place in the data, numbers not yet read, folder, callbacks. */
export class TrainingRun implements Run {
  step = 0;
  cursor: Cursor | undefined;
  readonly directory: string | undefined;
  readonly params: Params;
  /** Those of `params` that train. */
  readonly trainable: Params;
  /** The optimizer's state. */
  readonly state: Params;
  readonly #settings: Settings<unknown>;
  readonly #callbacks: readonly Callback[];
  readonly #metrics: Record<string, Readonly<Record<string, number>>> = {};
  #pending: Pending[] = [];
  #evaluated = -1;
  #saved: { step: number; path: string } | undefined;
  #stop: string | undefined;
  #secondsBefore = 0;
  #startedAt: number;

  private constructor(settings: Settings<unknown>) {
    this.#settings = settings;
    this.#startedAt = settings.clock();
    this.directory = settings.directory;
    const { callbacks, directory } = settings;
    const logged = directory === undefined || callbacks.some((c) => c.name === 'jsonl');
    this.#callbacks = logged ? callbacks : [jsonlLog(), ...callbacks];
    const { backend, model, optimizer, seed, trainable = () => true } = settings;
    this.params = settings.params ?? model!.init(fold(rngKey(seed), 'init'), backend);
    this.trainable = Object.fromEntries(
      Object.entries(this.params).filter(([name, t]) => t.dtype !== 'i32' && trainable(name)),
    );
    for (const [name, t] of Object.entries(this.params))
      if (settings.keepPrecision?.(name)) keepPrecision(t);
    this.state = optimizer.init(this.trainable);
  }

  /** Begins a run, or goes on with the newest checkpoint of its folder. */
  static async open(settings: Settings<unknown>): Promise<TrainingRun> {
    const { directory, resume } = settings;
    const from = directory === undefined ? undefined : await latestCheckpoint(directory);
    if (from !== undefined && !resume)
      throw new HeddleError(
        'trainer/run-exists',
        `${directory} holds a run already (${from}). Pass resume: true to go on with it, or choose another directory.`,
        { directory: directory!, checkpoint: from },
      );
    const run = new TrainingRun(settings);
    try {
      if (directory !== undefined) await prepareFolder(directory, settings);
      if (from !== undefined) await run.#restore(from);
      settings.collective.broadcast(Object.values(run.params), 0);
      return run;
    } catch (error) {
      run.dispose(false);
      throw error;
    }
  }

  /** Seconds trained so far, in all sessions. */
  get seconds(): number {
    return this.#secondsBefore + this.#settings.clock() - this.#startedAt;
  }

  /** Under a time budget, what the pace so far amounts to. */
  get totalSteps(): number {
    const { steps = Infinity, seconds } = this.#settings;
    if (seconds === undefined) return steps;
    const used = Math.max(this.seconds / seconds, 1e-9);
    return Math.min(steps, (this.step + 1) / used);
  }

  /** Why the run should end now; undefined if it should go on. */
  get reason(): string | undefined {
    const { steps, seconds, signal } = this.#settings;
    if (this.#stop !== undefined) return this.#stop;
    if (steps !== undefined && this.step >= steps) return 'finished';
    if (seconds !== undefined && this.seconds >= seconds) return 'finished';
    return signal?.aborted ? 'interrupted' : undefined;
  }

  stop(reason: string): void {
    this.#stop ??= reason;
  }

  async start(): Promise<void> {
    this.#startedAt = this.#settings.clock();
    for (const callback of this.#callbacks) await callback.onStart?.(this);
  }

  /** Takes note of an update; its numbers stay on the device until a step that logs. */
  async stepped(event: StepEvent, report: Tensor, cursor: Cursor): Promise<void> {
    const { step, lr } = event;
    this.#pending.push({ step, lr, report, after: this.cursor, cursor });
    this.step = step;
    this.cursor = cursor;
    const { logEvery, evaluateEvery, checkpointEvery = evaluateEvery, steps } = this.#settings;
    if (step % logEvery === 0) await this.flush();
    if (isDue(evaluateEvery, step) || step === steps) await this.evaluate();
    for (const callback of this.#callbacks) await callback.onStep?.(event, this);
    if (isDue(checkpointEvery, step)) await this.checkpoint();
  }

  /** Reads the numbers of all steps since the last time. Throws if one is not finite. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    try {
      for (const entry of pending) {
        const [sum, count, gradNorm] = await entry.report.read();
        const loss = sum / count;
        if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
          throw await this.#nonFinite(entry, loss, gradNorm);
        const { step, lr } = entry;
        await this.#emit({ step, split: 'train', metrics: { loss, lr, gradNorm } });
      }
    } finally {
      for (const { report } of pending) report.dispose();
    }
  }

  /** Evaluates, once for a step. */
  async evaluate(): Promise<void> {
    await this.flush();
    const { evaluate } = this.#settings;
    if (evaluate === undefined || this.#evaluated === this.step) return;
    this.#evaluated = this.step;
    const metrics = await evaluate(this.params, { step: this.step });
    await this.#emit({ step: this.step, split: 'validation', metrics });
  }

  async checkpoint(): Promise<string | undefined> {
    await this.flush();
    const { directory } = this;
    if (directory === undefined) return undefined;
    if (this.#saved?.step === this.step) return this.#saved.path;
    const { model, tokenizer, files, keep, best } = this.#settings;
    const path = await saveCheckpoint(directory, {
      config: model?.config ?? {},
      params: this.params,
      optimizer: this.state,
      state: this.#describe(),
      tokenizer: tokenizer?.toJSON(),
      files,
    });
    this.#saved = { step: this.step, path };
    await pruneCheckpoints(directory, keep, best);
    for (const callback of this.#callbacks) await callback.onCheckpoint?.(path, this);
    return path;
  }

  /** Ends in order: last evaluation, last checkpoint, callbacks. */
  async finish(reason: string): Promise<TrainResult> {
    if (reason === 'finished') await this.evaluate();
    const checkpoint = await this.checkpoint();
    await this.end(reason);
    return { params: this.params, step: this.step, reason, metrics: this.#metrics, checkpoint };
  }

  /** Tells every callback, also if one of them fails, so that all files are closed. */
  async end(reason: string): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#callbacks) {
      try {
        await callback.onEnd?.(reason, this);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Frees what is the run's own; the parameters too, unless they are the caller's or a result. */
  dispose(keepParams: boolean): void {
    for (const { report } of this.#pending) report.dispose();
    disposeAll(this.state);
    if (!keepParams && this.#settings.params === undefined) disposeAll(this.params);
  }

  async #emit(event: MetricsEvent): Promise<void> {
    this.#metrics[event.split] = event.metrics;
    for (const callback of this.#callbacks) await callback.onMetrics?.(event, this);
  }

  /**
   * No update since the bad step changed anything, so the tensors are those from before it: the run
   * goes back to there and saves that.
   */
  async #nonFinite(bad: Pending, loss: number, gradNorm: number): Promise<HeddleError> {
    this.step = bad.step - 1;
    this.cursor = bad.after;
    const checkpoint = await this.checkpoint();
    const what = Number.isFinite(loss) ? `gradient's norm is ${gradNorm}` : `loss is ${loss}`;
    return new HeddleError(
      'trainer/non-finite-loss',
      `Step ${bad.step}: the ${what}, on the data up to the cursor ${JSON.stringify(bad.cursor)}. ` +
        `The parameters are those of step ${this.step}${checkpoint ? `, saved in ${checkpoint}` : ''}. ` +
        'Look at that data, lower the learning rate or clip the gradient.',
      {
        step: bad.step,
        loss,
        gradNorm,
        after: bad.after ?? null,
        cursor: bad.cursor,
        checkpoint,
      },
    );
  }

  #describe(): CheckpointState {
    const callbacks: Record<string, Cursor> = {};
    for (const c of this.#callbacks) if (c.saveState) callbacks[c.name] = c.saveState();
    return {
      version: LAYOUT_VERSION,
      step: this.step,
      ...(this.cursor === undefined ? {} : { cursor: this.cursor }),
      seconds: this.seconds,
      run: identity(this.#settings),
      ...(this.#evaluated === this.step ? { evaluation: this.#metrics.validation } : {}),
      callbacks,
    };
  }

  async #restore(path: string): Promise<void> {
    const saved = await readState(path);
    checkIdentity(path, saved.run, this.#settings);
    await restoreTensors(join(path, 'model.safetensors'), this.params);
    await restoreTensors(join(path, 'optimizer.safetensors'), this.state);
    this.step = saved.step;
    this.cursor = saved.cursor;
    this.#secondsBefore = saved.seconds;
    this.#saved = { step: saved.step, path };
    if (saved.evaluation !== undefined) {
      this.#evaluated = saved.step;
      this.#metrics.validation = saved.evaluation;
    }
    for (const callback of this.#callbacks) {
      const state = saved.callbacks[callback.name];
      if (state !== undefined) callback.loadState?.(state);
    }
  }
}

function isDue(every: number | undefined, step: number): boolean {
  return every !== undefined && step % every === 0;
}

function disposeAll(params: Params): void {
  for (const tensor of Object.values(params)) tensor.dispose();
}
