/** The codes that pools of workers add to `HeddleError`. */
export interface PoolErrors {
  /** A worker ended while it encoded: out of memory, or killed from outside. */
  'tokenizer/worker-lost': { reason: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends PoolErrors {}
}
