import { HeddleError } from '@heddle/core';

/**
 * The learning rate of a step: a pure function of the step (from 1) and the run's total. Under a time
 * budget the trainer passes the total that the pace so far amounts to, so `step / totalSteps` is the
 * part of the budget that is used.
 */
export type Schedule = (step: number, totalSteps: number) => number;

export interface WarmupOptions {
  /** The highest learning rate. */
  readonly lr: number;
  /** Rises linearly from 0 to `lr` over so many steps, or, below 1, this part of all steps. Default 0. */
  readonly warmup?: number;
}

export interface DecayOptions extends WarmupOptions {
  /** The learning rate of the last step. Default 0. */
  readonly minLr?: number;
}

export interface WsdOptions extends DecayOptions {
  /** Length of the decay in steps, or, below 1, this part of all steps. Default 0.2. */
  readonly decay?: number;
  /** How it falls: `1-sqrt` (Hägele et al. 2024, default) or `linear`. */
  readonly shape?: '1-sqrt' | 'linear';
}

/** `lr` throughout, after the warm-up. */
export function constant(options: WarmupOptions): Schedule {
  return warmed(options, (lr) => lr);
}

/** From `lr` after the warm-up in a straight line to `minLr` at the last step. */
export function linear(options: DecayOptions): Schedule {
  const minLr = checkedMinLr(options);
  return warmed(options, (lr, progress) => minLr + (lr - minLr) * (1 - progress));
}

/** From `lr` after the warm-up along half a cosine to `minLr` at the last step (Loshchilov & Hutter 2017, without restarts). */
export function cosine(options: DecayOptions): Schedule {
  const minLr = checkedMinLr(options);
  return warmed(
    options,
    (lr, progress) => minLr + (lr - minLr) * 0.5 * (1 + Math.cos(Math.PI * progress)),
  );
}

/** Warm-up, stable, decay (Hu et al. 2024): `lr` until the last `decay` steps, which fall to `minLr`. */
export function wsd(options: WsdOptions): Schedule {
  const minLr = checkedMinLr(options);
  const { decay = 0.2, shape = '1-sqrt' } = options;
  atLeast('decay', decay, 0);
  return warmed(options, (lr, _, step, totalSteps) => {
    const length = inSteps(decay, totalSteps);
    const progress = clamp((step - (totalSteps - length)) / length);
    return minLr + (lr - minLr) * (1 - (shape === 'linear' ? progress : Math.sqrt(progress)));
  });
}

/** The warm-up, then `after`; `progress` goes from 0 at its end to 1 at the last step. */
function warmed(
  { lr, warmup = 0 }: WarmupOptions,
  after: (lr: number, progress: number, step: number, totalSteps: number) => number,
): Schedule {
  atLeast('lr', lr, 0);
  atLeast('warmup', warmup, 0);
  return (step, totalSteps) => {
    const rise = inSteps(warmup, totalSteps);
    if (step < rise) return (lr * step) / rise;
    return after(lr, clamp((step - rise) / (totalSteps - rise)), step, totalSteps);
  };
}

function inSteps(length: number, totalSteps: number): number {
  return length < 1 ? length * totalSteps : length;
}

/** To [0, 1]; 0/0, where a phase has no length, is its end. */
function clamp(progress: number): number {
  return Number.isNaN(progress) ? 1 : Math.min(1, Math.max(0, progress));
}

function checkedMinLr({ lr, minLr = 0 }: DecayOptions): number {
  atLeast('minLr', minLr, 0);
  if (minLr > lr)
    throw new HeddleError('invalid-argument', `minLr is ${minLr}, above lr = ${lr}. Swap them?`, {
      argument: 'minLr',
      given: minLr,
    });
  return minLr;
}

function atLeast(argument: string, given: number, least: number): void {
  if (Number.isFinite(given) && given >= least) return;
  throw new HeddleError(
    'invalid-argument',
    `${argument} is ${given}; it must be a number from ${least} up.`,
    { argument, given },
  );
}
