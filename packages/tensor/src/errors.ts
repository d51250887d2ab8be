/** Error codes that this package adds to those of `@heddle/core`. */
export interface TensorErrors {
  /** A scope was closed while one opened after it was still open, or was held across an `await`. */
  'tensor/scope-order': { openInside: number };
  /**
   * Something that reverse-mode differentiation of the first order cannot do.
   * `second-order`: gradients of gradients, or `valueAndGrad` on tensors of an outer one;
   * `captured`: a checkpointed function uses a tensor that needs a gradient but is not its argument;
   * `constant`: the result depends on none of the parameters;
   * `in-place`: changing a tensor that a backward pass still needs;
   * `not-differentiable`: an argument of this operation has no derivative here.
   */
  'tensor/autodiff': {
    op: string;
    reason: 'second-order' | 'captured' | 'constant' | 'in-place' | 'not-differentiable';
  };
}

declare module '@heddle/core' {
  interface ErrorDetails extends TensorErrors {}
}
