import * as tf from '@tensorflow/tfjs-core';

/** How an engine multiplies matrices best. */
export interface Products {
  /** a b of rank 2, either given transposed. */
  product(a: tf.Tensor, b: tf.Tensor, transposeA?: boolean, transposeB?: boolean): tf.Tensor;
  /** [M, N] -> [N] or [1, N]. */
  columnSums(x: tf.Tensor): tf.Tensor;
}

export const plainProducts: Products = withZeros({
  product: (a, b, transposeA, transposeB) => tf.matMul(a, b, transposeA, transposeB),
  columnSums: (x) => tf.sum(x, 0),
});

/** The same, and zeros where there is nothing to add up, which engines refuse or leave undefined. */
export function withZeros({ product, columnSums }: Products): Products {
  return {
    product(a, b, transposeA = false, transposeB = false) {
      if (a.size > 0 && b.size > 0) return product(a, b, transposeA, transposeB);
      return tf.fill([a.shape[transposeA ? 1 : 0] ?? 0, b.shape[transposeB ? 0 : 1] ?? 0], 0);
    },
    columnSums: (x) => (x.size > 0 ? columnSums(x) : tf.fill([x.shape[1] ?? 0], 0)),
  };
}

/** The last axis as columns, all others as rows. */
export function asRows(x: tf.Tensor): tf.Tensor {
  if (x.rank === 2) return x;
  const shape: number[] = x.shape;
  const rows = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  return tf.reshape(x, [rows, shape[shape.length - 1]]);
}
