import type { Tensor } from '@heddle/core';
import { cast, embedding, slice } from '@heddle/tensor';

/*
 * Looking up embeddings in f32, also where the table is kept in bf16 (`toBf16` of @heddle/tensor): the
 * residual stream stays f32.
 */

/** table [V, E], ids i32 [B, T] -> [B, T, E] */
export function lookUp(table: Tensor, ids: Tensor): Tensor {
  return cast(embedding(table, ids), 'f32');
}

/** Rows start ... start + count - 1 of a table [C, E] -> [count, E] */
export function rowsOf(table: Tensor, start: number, count: number): Tensor {
  return cast(slice(table, [start, 0], [count, table.shape[1]]), 'f32');
}
