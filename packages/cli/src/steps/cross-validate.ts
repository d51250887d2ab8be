import type { Backend } from '@heddle/core';
import {
  type CrossValidation,
  crossValidate,
  finetuneClassifier,
  type LabelledText,
  stratifiedKFold,
} from '@heddle/finetune';
import type { CommandContext } from '../command.js';
import type { Checkpoint } from './checkpoint.js';
import { classifierMetrics, classifierOptions } from './finetune.js';

/** Trains and measures a classifier on each of `folds` parts of the training examples in turn. */
export async function crossValidateOn(
  context: CommandContext,
  backend: Backend,
  base: Checkpoint,
  examples: readonly LabelledText[],
  folds: number,
): Promise<CrossValidation> {
  const { config, reporter, signal } = context;
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  const divided = stratifiedKFold(
    examples.map(({ label }) => label),
    folds,
    { seed: config.seed },
  );
  const pick = (places: readonly number[]): LabelledText[] => places.map((i) => examples[i]);
  return crossValidate({
    folds: divided,
    signal,
    fit: (fold, index) => {
      reporter.progress({
        label: 'cross-validation',
        share: index / folds,
        note: `fold ${index + 1} of ${folds}`,
      });
      return finetuneClassifier({
        ...classifierOptions(context, backend, base, labels),
        examples: pick(fold.train),
        validation: pick(fold.test),
        metrics: classifierMetrics(labels),
      });
    },
    evaluate: ({ validation }) =>
      Object.fromEntries(
        Object.entries(validation?.estimates ?? {}).map(([name, { value }]) => [name, value]),
      ),
    onFold: (_, { params }) => {
      for (const [name, tensor] of Object.entries(params))
        if (tensor !== base.params[name]) tensor.dispose();
    },
  });
}
