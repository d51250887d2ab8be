import { generate, type Spec, type Value } from './value.js';

/** Rank 2: [M, K] x [K, N] -> [M, N], either transposed; rank 3: for each of the first axes. */
export function matmul(
  options: { readonly transposeA: boolean; readonly transposeB: boolean },
  a: Value,
  b: Value,
  output: Spec,
): Value {
  const { transposeA, transposeB } = options;
  const [m, n] = output.shape.slice(-2);
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
  return generate(output, (index) => {
    const batch = index.length === 3 ? index[0] : 0;
    const [row, column] = index.slice(-2);
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const left = batch * m * k + (transposeA ? i * m + row : row * k + i);
      const right = batch * k * n + (transposeB ? column * k + i : i * n + column);
      sum += a.data[left] * b.data[right];
    }
    return sum;
  });
}

/** (x [M, K], w [K, N] or [N, K], bias [N]) -> [M, N]. */
export function linear(
  options: { readonly transposeWeight: boolean },
  x: Value,
  w: Value,
  bias: Value,
  output: Spec,
): Value {
  const product = matmul({ transposeA: false, transposeB: options.transposeWeight }, x, w, output);
  return generate(output, ([, column], flat) => product.data[flat] + bias.data[column]);
}
