import type { Callback } from '@heddle/core';

export interface EarlyStoppingOptions {
  /** Default `loss`. */
  readonly metric?: string;
  /** Default `validation`. */
  readonly split?: string;
  /** Evaluations without improvement after which the run stops; at least 1. */
  readonly patience: number;
  /** Less than this is no improvement. Default 0. */
  readonly minDelta?: number;
  /** Whether smaller (default) or larger is better. */
  readonly mode?: 'min' | 'max';
}

/**
 * Stops the run once a metric has not improved for `patience` evaluations (Prechelt 1998). What it has
 * seen is saved with the checkpoints. A value that is not a number is no improvement.
 */
export function earlyStopping(options: EarlyStoppingOptions): Callback {
  const { metric = 'loss', split = 'validation', patience, minDelta = 0, mode = 'min' } = options;
  const sign = mode === 'min' ? 1 : -1;
  let best: number | null = null;
  let since = 0;
  return {
    name: `early-stopping:${split}:${metric}`,
    saveState: () => ({ best, since }),
    loadState(state) {
      ({ best, since } = state as { best: number | null; since: number });
    },
    onMetrics(event, run) {
      const value = event.metrics[metric];
      if (event.split !== split || value === undefined) return;
      if (best === null ? !Number.isNaN(value) : sign * (best - value) > minDelta) {
        best = value;
        since = 0;
      } else if (++since >= patience) {
        run.stop(`${split} ${metric} has not improved for ${patience} evaluations`);
      }
    },
  };
}
