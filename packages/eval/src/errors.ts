export interface EvalErrors {
  /** A metric, a comparison or an evaluation was asked for its value before it saw anything. */
  'eval/empty': { what: string };
  /** A label that is not among the labels given. */
  'eval/unknown-label': { label: string; labels: readonly string[] };
  /** Two lists that belong together are not equally long. */
  'eval/length-mismatch': { what: string; lengths: readonly number[] };
  /** An observation that is not a finite number, or a value too large for one. */
  'eval/non-finite': { what: string; given: string };
  /** Asked to predict the next token of a model that sees the tokens after it. */
  'eval/not-causal': { architecture: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends EvalErrors {}
}
