import { type Awaitable, type Estimate, HeddleError } from '@heddle/core';
import type { Fold } from './folds.js';

export interface CrossValidateOptions<Fitted> {
  /** At least two. */
  readonly folds: readonly Fold[];
  /** Trains on `fold.train`, from scratch. */
  readonly fit: (fold: Fold, index: number) => Awaitable<Fitted>;
  /** Measures on `fold.test`; the same metrics for each fold. */
  readonly evaluate: (
    fitted: Fitted,
    fold: Fold,
    index: number,
  ) => Awaitable<Readonly<Record<string, number>>>;
  /** Called after each fold, e.g. to free what was fitted. */
  readonly onFold?: (
    metrics: Readonly<Record<string, number>>,
    fitted: Fitted,
    index: number,
  ) => Awaitable<void>;
  readonly signal?: AbortSignal;
}

export interface CrossValidation {
  /** The metrics of each fold. */
  readonly folds: readonly Readonly<Record<string, number>>[];
  /**
   * The mean over the folds, each weighing the same, with the standard error sd / sqrt(k). Folds
   * share training examples, so the true error is somewhat larger (Bengio and Grandvalet 2004).
   */
  readonly estimates: Readonly<Record<string, Estimate>>;
}

/** Fits and evaluates fold after fold. Errors: `invalid-argument`, what the functions throw, the signal's reason. */
export async function crossValidate<Fitted>(
  options: CrossValidateOptions<Fitted>,
): Promise<CrossValidation> {
  const { folds, fit, evaluate, onFold, signal } = options;
  if (folds.length < 2) {
    throw new HeddleError(
      'invalid-argument',
      `Cross-validation needs at least two folds, not ${folds.length}.`,
      { argument: 'folds', given: folds.length },
    );
  }
  const results: Readonly<Record<string, number>>[] = [];
  for (const [index, fold] of folds.entries()) {
    signal?.throwIfAborted();
    const fitted = await fit(fold, index);
    const metrics = await evaluate(fitted, fold, index);
    checkMetrics(metrics, results[0] ?? metrics, index);
    results.push(metrics);
    await onFold?.(metrics, fitted, index);
  }
  const estimates = Object.keys(results[0]).map((name): [string, Estimate] => [
    name,
    meanOf(results.map((metrics) => metrics[name])),
  ]);
  return { folds: results, estimates: Object.fromEntries(estimates) };
}

function meanOf(values: readonly number[]): Estimate {
  const count = values.length;
  const value = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, v) => sum + (v - value) ** 2, 0);
  return { value, standardError: Math.sqrt(squares / (count - 1) / count), count };
}

function checkMetrics(
  metrics: Readonly<Record<string, number>>,
  first: Readonly<Record<string, number>>,
  index: number,
): void {
  const [ours, theirs] = [metrics, first].map((m) => Object.keys(m).sort().join(', '));
  const wrong = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (ours === theirs && wrong === undefined) return;
  const why =
    wrong === undefined
      ? `has the metrics [${ours}], the first has [${theirs}]`
      : `has ${wrong[0]} = ${wrong[1]}`;
  throw new HeddleError(
    'invalid-argument',
    `Fold ${index} ${why}. evaluate must give the same finite numbers for each fold.`,
    { argument: 'evaluate', given: ours },
  );
}
