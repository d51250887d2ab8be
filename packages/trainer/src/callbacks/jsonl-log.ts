import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Callback, type Run, withIo } from '@heddle/core';

export interface JsonlLogOptions {
  /** Where the two files go. Default: the run's folder. */
  readonly directory?: string;
}

/**
 * Writes `metrics.jsonl`, a line for each step (`{"step", "split": "train", "loss", "lr", "gradNorm"}`)
 * and each evaluation, and `timing.jsonl` (`{"step", "count", "seconds"}`). Nothing that depends on the
 * clock is in the first, so two runs can be compared byte by byte. When a run goes on from a
 * checkpoint, lines of later steps (and half a line) are cut off first. `train` adds this by itself
 * to a run that has a folder.
 */
export function jsonlLog(options: JsonlLogOptions = {}): Callback {
  let metrics: FileHandle | undefined;
  let timing: FileHandle | undefined;
  let timings = ''; // written together, at the pace of the metrics
  const append = async (file: FileHandle | undefined, text: string, run: Run): Promise<void> => {
    const path = options.directory ?? run.directory ?? '';
    if (text !== '') await withIo('write', path, async () => file?.appendFile(text));
  };
  return {
    name: 'jsonl',
    async onStart(run) {
      const directory = options.directory ?? run.directory;
      if (directory === undefined) return;
      metrics = await openUntil(join(directory, 'metrics.jsonl'), run.step);
      timing = await openUntil(join(directory, 'timing.jsonl'), run.step);
    },
    onStep({ step, count, seconds }) {
      timings += `${JSON.stringify({ step, count, seconds })}\n`;
    },
    async onMetrics(event, run) {
      const { step, split } = event;
      await append(metrics, `${JSON.stringify({ step, split, ...event.metrics })}\n`, run);
      await append(timing, timings, run);
      timings = '';
    },
    async onEnd(_, run) {
      try {
        await append(timing, timings, run);
      } finally {
        await metrics?.close();
        await timing?.close();
      }
    },
  };
}

/** Opens for appending, after cutting off everything from the first line of a later step on. */
async function openUntil(path: string, step: number): Promise<FileHandle> {
  return withIo('write', path, async () => {
    const file = await open(path, 'a+');
    try {
      const text = await file.readFile();
      let kept = 0;
      for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10, kept)) {
        if (!(stepOf(text.toString('utf8', kept, end)) <= step)) break;
        kept = end + 1;
      }
      if (kept < text.length) await file.truncate(kept);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}

/** NaN for a line that is not ours. */
function stepOf(line: string): number {
  try {
    return Number((JSON.parse(line) as { step?: unknown }).step);
  } catch {
    return Number.NaN;
  }
}
