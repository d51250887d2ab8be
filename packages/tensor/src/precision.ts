import { HeddleError, type Precision, type Tensor } from '@heddle/core';
import { device } from './tensor.js';

/** What factors of products may be rounded to. */
export type ProductPrecision = 'f32' | 'bf16';

let current: ProductPrecision = 'f32';

/**
 * Runs `fn` with matrix products and attention in mixed precision (Micikevicius et al. 2018; the
 * autocast of PyTorch): with 'bf16' their factors may be rounded to bf16, here and in the backward
 * pass of what is recorded here. Tensors, sums, norms, softmax and losses stay f32, and products with a
 * parameter given to `keepPrecision` do too. A backend without such products ignores it. Nests;
 * synchronous, as scopes are.
 */
export function autocast<T>(precision: ProductPrecision, fn: () => T): T {
  const before = current;
  current = precision;
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new HeddleError(
        'invalid-argument',
        'autocast: the function returned a promise. Return tensors and await them outside.',
        { argument: 'fn', given: 'a function that returns a promise' },
      );
    }
    return result;
  } finally {
    current = before;
  }
}

/** The precision that `autocast` set. */
export function currentPrecision(): ProductPrecision {
  return current;
}

/** Excludes a tensor (and all that share its memory) from `autocast`: products with it stay f32. Returns it. */
export function keepPrecision<T extends Tensor>(x: T): T {
  device(x, 'keepPrecision').storage.keepsPrecision = true;
  return x;
}

/** The attribute of a product of these operands. */
export function precisionOf(operands: readonly Tensor[]): Precision {
  if (current === 'f32') return {};
  const exact = operands.some((x) => device(x, 'product').storage.keepsPrecision);
  return exact ? {} : { precision: current };
}
