export interface PretrainErrors {
  /** A causal objective for a model whose positions see what they should predict. */
  'pretrain/not-causal': { objective: string };
  /** Rows longer than the model's context. */
  'pretrain/sequence-too-long': { length: number; contextLength: number };
  /** Nothing to predict in all that was to be measured. */
  'pretrain/nothing-to-predict': { batches: number };
}

declare module '@heddle/core' {
  interface ErrorDetails extends PretrainErrors {}
}
