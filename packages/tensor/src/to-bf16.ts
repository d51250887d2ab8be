import type { Params, Shape } from '@heddle/core';
import { cast, detach } from './ops/unary.js';
import { keep, scoped } from './scope.js';

/**
 * The parameters with matrices in bf16: half the memory, and half the time of a token in generation.
 * For inference; training keeps its masters in f32 (`autocast` rounds the factors of products alone).
 *
 * @param which which parameters are rounded, by name and shape; default those with two axes or more,
 * so norms and biases stay f32. Others are shared with `params`.
 * @returns tensors that live until they are disposed
 */
export function toBf16(
  params: Params,
  which: (name: string, shape: Shape) => boolean = (_, { length }) => length > 1,
): Params {
  return scoped(() =>
    Object.fromEntries(
      Object.entries(params).map(([name, x]) => {
        const rounded = x.dtype === 'f32' && which(name, x.shape);
        return [name, keep(rounded ? cast(x, 'bf16') : detach(x))];
      }),
    ),
  );
}
