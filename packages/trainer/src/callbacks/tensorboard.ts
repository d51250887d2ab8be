import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Callback, withIo } from '@heddle/core';
import { encodeEvent, frameRecord } from './event-file.js';

export interface TensorboardOptions {
  /** Where the event file goes. Default `tensorboard` in the run's folder. */
  readonly directory?: string;
  /** Seconds since 1970: TensorBoard's wall time. Default the system's clock. */
  readonly now?: () => number;
}

/**
 * Writes the metrics as a TensorBoard event file, with the tags `train/loss`, `validation/loss` …
 * Each session of a run adds a file; one that goes on from a checkpoint tells TensorBoard to drop what
 * an earlier one wrote about later steps.
 */
export function tensorboard(options: TensorboardOptions = {}): Callback {
  const now = options.now ?? (() => Date.now() / 1000);
  let file: FileHandle | undefined;
  let path = '';
  const write = async (...events: Uint8Array[]): Promise<void> => {
    const bytes = Buffer.concat(events.map(frameRecord));
    await withIo('write', path, async () => file?.appendFile(bytes));
  };
  return {
    name: 'tensorboard',
    async onStart(run) {
      const parent = run.directory === undefined ? undefined : join(run.directory, 'tensorboard');
      const directory = options.directory ?? parent;
      if (directory === undefined) return;
      const wallTime = now();
      const seconds = String(Math.floor(wallTime)).padStart(10, '0');
      path = join(
        directory,
        `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${run.step}`,
      );
      await withIo('write', path, async () => {
        await mkdir(directory, { recursive: true });
        file = await open(path, 'a');
      });
      await write(encodeEvent({ wallTime, fileVersion: 'brain.Event:2' }));
      if (run.step > 0) await write(encodeEvent({ wallTime, step: run.step + 1, restart: true }));
    },
    async onMetrics({ step, split, metrics }) {
      const scalars = Object.entries(metrics).map(
        ([name, value]) => [`${split}/${name}`, value] as const,
      );
      await write(encodeEvent({ wallTime: now(), step, scalars }));
    },
    async onEnd() {
      await file?.close();
    },
  };
}
