import type { Json } from '@heddle/core';

export interface TrainerErrors {
  /** The loss or the gradient of a step is NaN or infinite. The parameters are those from before that step. */
  'trainer/non-finite-loss': {
    step: number;
    loss: number;
    gradNorm: number;
    /** Reading the data after this cursor gives the batches of the step again; null: from the beginning. */
    after: Json;
    /** Cursor of the step's last batch. */
    cursor: Json;
    /** The checkpoint with the state from before the step; undefined for a run in memory. */
    checkpoint: string | undefined;
  };
  /** The folder holds a run already, and `resume` was not asked for. */
  'trainer/run-exists': { directory: string; checkpoint: string };
  /** A run's folder or a checkpoint was written in another version of the layout. */
  'trainer/version': { path: string; given: Json; supported: readonly number[] };
  /** A checkpoint does not belong to this run: another seed, model, optimizer … */
  'trainer/resume-mismatch': { path: string; what: string; saved: Json; given: Json };
}

declare module '@heddle/core' {
  interface ErrorDetails extends TrainerErrors {}
}
