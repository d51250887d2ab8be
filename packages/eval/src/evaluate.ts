import { type Awaitable, type Estimate, HeddleError, type Metric, type Task } from '@heddle/core';
import type { Prediction } from './prediction.js';

export interface EvaluateOptions<Example, Answer> {
  readonly task: Task<Example, Answer>;
  /** Which part of the task. Default 'test'. */
  readonly split?: string;
  /** The answers to some examples, one each and in their order. */
  readonly answer: (examples: readonly Example[]) => Awaitable<readonly Answer[]>;
  /** Their names must differ. */
  readonly metrics: readonly Metric<Prediction<Answer>, unknown>[];
  /** Examples that `answer` is given at once. Default 32. */
  readonly batchSize?: number;
  /** Sees every example with its answer, for error analysis or comparisons. */
  readonly onPrediction?: (example: Example, prediction: Prediction<Answer>) => void;
  /** Called after each batch with the number of examples answered so far. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

export interface Evaluation {
  readonly task: string;
  readonly split: string;
  /** Examples answered. */
  readonly count: number;
  /** By the metrics' names. */
  readonly estimates: Readonly<Record<string, Estimate>>;
}

/**
 * Asks for an answer to every example of a task and folds the metrics over them.
 *
 * Errors: `eval/empty` if the split has no example, `eval/length-mismatch` if `answer` gives fewer
 * or more answers than it was given examples, `invalid-argument` for metrics of one name, what the
 * metrics throw, and the signal's reason.
 */
export async function evaluate<Example, Answer>(
  options: EvaluateOptions<Example, Answer>,
): Promise<Evaluation> {
  const { task, split = 'test', answer, metrics, batchSize = 32, onProgress, signal } = options;
  checkOptions(metrics, batchSize);
  const states = metrics.map((metric) => metric.empty());
  let count = 0;
  for await (const examples of batches(task.examples(split), batchSize)) {
    signal?.throwIfAborted();
    const answers = await answer(examples);
    if (answers.length !== examples.length) {
      throw new HeddleError(
        'eval/length-mismatch',
        `answer gave ${answers.length} answers to ${examples.length} examples. Give one each, in their order.`,
        { what: 'answer', lengths: [examples.length, answers.length] },
      );
    }
    examples.forEach((example, i) => {
      const prediction = { expected: task.expected(example), predicted: answers[i] };
      metrics.forEach((metric, m) => {
        states[m] = metric.add(states[m], prediction);
      });
      options.onPrediction?.(example, prediction);
    });
    count += examples.length;
    onProgress?.(count);
  }
  if (count === 0) {
    throw new HeddleError(
      'eval/empty',
      `The split "${split}" of the task "${task.name}" has no example. Look at the split's name.`,
      { what: `${task.name}/${split}` },
    );
  }
  const estimates = Object.fromEntries(metrics.map((m, i) => [m.name, m.value(states[i])]));
  return { task: task.name, split, count, estimates };
}

function checkOptions(metrics: readonly { readonly name: string }[], batchSize: number): void {
  const names = metrics.map((metric) => metric.name);
  if (new Set(names).size !== names.length) {
    throw new HeddleError(
      'invalid-argument',
      `The metrics [${names.join(', ')}] do not have distinct names. Leave one out, or rename it: { ...metric, name }.`,
      { argument: 'metrics', given: names },
    );
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new HeddleError(
      'invalid-argument',
      `batchSize must be an integer from 1 on, not ${batchSize}.`,
      { argument: 'batchSize', given: batchSize },
    );
  }
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
