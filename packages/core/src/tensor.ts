import type { Backend } from './backend.js';
import type { DType, TypedArray } from './dtype.js';
import type { Shape } from './shape.js';

/** An immutable n-dimensional array on a backend. Operations on it are free functions of `@heddle/tensor`. */
export interface Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly backend: Backend;
  /** A copy of the elements, row-major, once they are computed. */
  read(): Promise<TypedArray>;
  /** Frees the memory. Using the tensor afterwards is an error; freeing it twice is not. */
  dispose(): void;
}

/** Named tensors; the names are the checkpoint's keys. Weights, gradients, optimizer states, adapters. */
export type Params = Readonly<Record<string, Tensor>>;
