import { type Shape, sizeOf } from '@heddle/core';
import type { Operand } from './compute.js';

interface Transposes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** [M, K] x [K, N] -> [M, N], for each of the equal first axes if the rank is 3. */
export function matmul(
  a: Operand,
  b: Operand,
  shape: Shape,
  { transposeA, transposeB }: Transposes,
): Float32Array {
  const [m, n] = shape.slice(-2);
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  const result = new Float32Array(sizeOf(shape));
  const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
  const [columnB, stepB] = transposeB ? [k, 1] : [1, n];
  for (let at = 0; at < result.length; at++) {
    const batch = Math.floor(at / (m * n));
    let left = batch * m * k + (Math.floor(at / n) % m) * rowA;
    let right = batch * k * n + (at % n) * columnB;
    let sum = 0;
    for (let i = 0; i < k; i++, left += stepA, right += stepB)
      sum += a.value[left] * b.value[right];
    result[at] = sum;
  }
  return result;
}
