import type { Tensor } from '@heddle/core';
import { gather } from '../ops/gather.js';
import { floating, wrongShape } from '../tensor.js';

/**
 * The rows of `table` that `ids` name. table: [V, D], ids: i32 [...] -> [..., D].
 *
 * @throws invalid-argument if ids that the host made reach outside 0 … V-1.
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  const weights = floating(table, 'embedding');
  if (weights.shape.length !== 2)
    throw wrongShape('embedding', [weights], 'the table must be [V, D]');
  return gather(weights, ids);
}
