export interface FinetuneErrors {
  /** There is no example to train on, to predict or to split. */
  'finetune/no-examples': { what: string };
  /** A label that is not among the classifier's. */
  'finetune/unknown-label': { label: string; labels: readonly string[]; index: number };
  /** Labels that no example has, or fewer than two labels: there is nothing to tell apart. */
  'finetune/missing-label': { labels: readonly string[]; missing: readonly string[] };
  /** A text that gives no token. `index`: its place in the list. */
  'finetune/empty-text': { index: number };
  /** A label comes in fewer examples (or groups) than there are folds. */
  'finetune/too-few-examples': { label: string; count: number; folds: number };
  /** LoRA targets that name no weight matrix of the model. */
  'finetune/no-target': { targets: readonly string[]; modules: readonly string[] };
  /** A parameter that LoRA was pointed at is not a matrix. */
  'finetune/not-a-matrix': { parameter: string; shape: readonly number[] };
  /** It is not known whether a model's matrices are [in, out] or [out, in]. */
  'finetune/unknown-layout': { modelType: string };
  /** Parameters that a function needs and did not find in the record. */
  'finetune/missing-parameter': { missing: readonly string[] };
}

declare module '@heddle/core' {
  interface ErrorDetails extends FinetuneErrors {}
}
