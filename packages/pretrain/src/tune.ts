import { fold, HeddleError, type Json, permutation, rngKey } from '@heddle/core';

export interface TuneOptions<Candidate> {
  /** What is to be compared, e.g. learning rates and widths; `grid` makes all combinations. */
  readonly candidates: readonly Candidate[];
  /** Try only so many, drawn without repetition (random search, Bergstra & Bengio 2012). Default: all. */
  readonly samples?: number;
  /** Trains a candidate for so many steps, from the beginning, and returns its validation loss. */
  trial(candidate: Candidate, at: { readonly steps: number }): Promise<number>;
  /** Steps of the first round. */
  readonly minSteps: number;
  /** Steps that no round exceeds; the last round has them. */
  readonly maxSteps: number;
  /** One in `eta` goes on to the next round, which is `eta` times as long. Default 3. */
  readonly eta?: number;
  readonly seed: number;
  onTrial?(trial: Trial<Candidate>): void;
  readonly signal?: AbortSignal;
}

export interface Trial<Candidate> {
  readonly candidate: Candidate;
  readonly steps: number;
  /** Infinity where training broke down (a loss that is not finite). */
  readonly loss: number;
}

export interface Tuned<Candidate> {
  /** The lowest loss of the last round. */
  readonly best: Trial<Candidate>;
  /** All, in the order in which they ran. */
  readonly trials: readonly Trial<Candidate>[];
}

/**
 * Looks for the best of many settings by successive halving (Jamieson & Talwalkar 2016): all train
 * briefly, the better ones longer, and so on. Rounds begin anew, since schedules depend on their
 * length. The same seed, candidates and trials give the same result.
 *
 * @throws `invalid-argument` for no candidates or impossible numbers; what `trial` throws, but for
 * `trainer/non-finite-loss`; the signal's reason
 */
export async function tune<Candidate>(options: TuneOptions<Candidate>): Promise<Tuned<Candidate>> {
  check(options);
  const { candidates, samples = candidates.length, minSteps, maxSteps, eta = 3, seed } = options;
  const drawn = permutation(fold(rngKey(seed), 'tune'), candidates.length);
  const count = Math.min(samples, candidates.length);
  let alive = Array.from({ length: count }, (_, i) => drawn(i))
    .sort((a, b) => a - b)
    .map((i) => candidates[i]);
  const trials: Trial<Candidate>[] = [];
  for (let steps = minSteps; ; steps = Math.min(maxSteps, Math.round(steps * eta))) {
    if (alive.length === 1) steps = maxSteps; // nothing left to halve
    const round: Trial<Candidate>[] = [];
    for (const candidate of alive) round.push(await attempt(options, candidate, steps));
    trials.push(...round);
    round.sort((a, b) => a.loss - b.loss);
    if (steps === maxSteps) return { best: round[0], trials };
    alive = round.slice(0, Math.max(1, Math.floor(alive.length / eta))).map((t) => t.candidate);
  }
}

async function attempt<Candidate>(
  { trial, onTrial, signal }: TuneOptions<Candidate>,
  candidate: Candidate,
  steps: number,
): Promise<Trial<Candidate>> {
  signal?.throwIfAborted();
  let loss = Number.POSITIVE_INFINITY;
  try {
    const measured = await trial(candidate, { steps });
    if (Number.isFinite(measured)) loss = measured;
  } catch (error) {
    if (!HeddleError.is(error, 'trainer/non-finite-loss')) throw error;
  }
  const done = { candidate, steps, loss };
  onTrial?.(done);
  return done;
}

/** All combinations: `grid({ lr: [1e-3, 3e-4], width: [64, 128] })` has four, the last key changing fastest. */
export function grid<Axes extends Readonly<Record<string, readonly unknown[]>>>(
  axes: Axes,
): { [K in keyof Axes]: Axes[K][number] }[] {
  let points: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(axes))
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  return points as { [K in keyof Axes]: Axes[K][number] }[];
}

function check(options: TuneOptions<unknown>): void {
  const { candidates, samples, minSteps, maxSteps, eta = 3 } = options;
  const refuse = (argument: string, given: Json, rule: string): never => {
    throw new HeddleError('invalid-argument', `tune: ${argument} is ${String(given)}; ${rule}.`, {
      argument,
      given,
    });
  };
  const whole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  if (candidates.length === 0) refuse('candidates', 0, 'give at least one');
  if (samples !== undefined && !whole(samples)) refuse('samples', samples, 'it counts from 1');
  if (!whole(minSteps)) refuse('minSteps', minSteps, 'it counts from 1');
  if (!whole(maxSteps) || maxSteps < minSteps)
    refuse('maxSteps', maxSteps, `it must be at least minSteps = ${minSteps}`);
  if (!(eta >= 2 && Number.isFinite(eta))) refuse('eta', eta, 'it must be 2 or more');
}
