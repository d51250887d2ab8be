import { type Callback, HeddleError } from '@heddle/core';

export interface StopBelowOptions {
  /** Training ends once the loss is below this … */
  readonly loss: number;
  /** … so many times in a row. Default 3. */
  readonly times?: number;
}

/** Stops a run whose training loss has been low for a while. A resumed run goes on counting. */
export function stopBelow({ loss, times = 3 }: StopBelowOptions): Callback {
  if (!Number.isFinite(loss)) throw invalid('loss', loss, 'a finite number');
  if (!Number.isSafeInteger(times) || times < 1) throw invalid('times', times, '1, 2, 3 …');
  let inRow = 0;
  return {
    name: 'part-name',
    saveState: () => inRow,
    loadState(state) {
      inRow = Number(state);
    },
    onMetrics({ split, metrics }, run) {
      if (split !== 'train') return;
      inRow = metrics.loss < loss ? inRow + 1 : 0;
      if (inRow >= times) run.stop(`the training loss is below ${loss}`);
    },
  };
}

function invalid(argument: string, given: number, wanted: string): HeddleError {
  const message = `stopBelow: ${argument} cannot be ${given}; it must be ${wanted}.`;
  return new HeddleError('invalid-argument', message, { argument, given: String(given) });
}
