import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';
import type { HostMemory } from '../host/memory.js';
import { type Products, withZeros } from '../products.js';

/** The last two axes exchanged. */
function transposed(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 2, 1]);
}

/**
 * The engine is fast (20 to 30 GFLOP/s) for one product of matrices as they lie, and slow (1 to 2) for
 * transposed ones, so they are transposed first. Sums down columns are a product with ones: twenty times as fast.
 */
export const wasmProducts: Products = withZeros({
  product: (a, b, transposeA = false, transposeB = false) =>
    tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b),
  columnSums: (x) => tf.matMul(tf.fill([1, x.shape[0]], 1), x),
});

/** Below this many multiplications a product of the batch is not worth a call of its own. */
const SMALL = 8192;

/** Batches are slow as well, and computed matrix by matrix. */
export function wasmMatmul(memory: HostMemory): Kernels<'matmul'> {
  return {
    matmul({ transposeA, transposeB }, [a, b], [{ shape }]) {
      if (shape.length === 2) return wasmProducts.product(a, b, transposeA, transposeB);
      if (a.size === 0) return tf.fill([...shape], 0);
      const [batch, m, n] = shape;
      const k = a.size / (batch * m);
      if (batch > 1 && m * k * n < SMALL) return tf.matMul(a, b, transposeA, transposeB);
      return batched(memory, transposeA ? transposed(a) : a, transposeB ? transposed(b) : b, [
        batch,
        m,
        k,
        n,
      ]);
    },
  };
}

/** a: [B, M, K], b: [B, K, N] -> [B, M, N]. */
function batched(
  memory: HostMemory,
  a: tf.Tensor,
  b: tf.Tensor,
  [batch, m, k, n]: readonly [number, number, number, number],
): tf.Tensor {
  const result = memory.make([batch, m, n], 'float32');
  for (let i = 0; i < batch; i++) {
    const x = part(memory, a, i * m * k, [m, k]);
    const y = part(memory, b, i * k * n, [k, n]);
    const product = tf.matMul(x, y);
    memory.numbers(result).set(memory.numbers(product), i * m * n);
    tf.dispose([x, y, product]);
  }
  return result;
}

/** A copy of the numbers of x from the first on, as many as the shape has. */
function part(
  memory: HostMemory,
  x: tf.Tensor,
  first: number,
  shape: readonly [number, number],
): tf.Tensor2D {
  const copy = memory.make(shape, 'float32') as tf.Tensor2D;
  memory.numbers(copy).set(memory.numbers(x).subarray(first, first + copy.size));
  return copy;
}
