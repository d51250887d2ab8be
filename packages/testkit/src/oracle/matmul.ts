import type { LinearActivation } from '@heddle/core';
import { gelu, geluBackward, swiglu, swigluBackward } from './activation.js';
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

/** (x [M, K], w [K, N] or [N, K], then bias [N] and residual [M, N] if there are) -> [M, N]. */
export function linear(
  options: {
    readonly transposeWeight: boolean;
    readonly bias: boolean;
    readonly residual?: boolean;
  },
  [x, w, ...others]: readonly Value[],
  output: Spec,
): Value {
  const product = matmul({ transposeA: false, transposeB: options.transposeWeight }, x, w, output);
  const bias = options.bias ? others[0] : undefined;
  const residual = options.residual ? others[options.bias ? 1 : 0] : undefined;
  return generate(
    output,
    ([, column], flat) =>
      product.data[flat] + (bias?.data[column] ?? 0) + (residual?.data[flat] ?? 0),
  );
}

type Activated = { readonly transposeWeight: boolean; readonly activation: LinearActivation };

/** (x, w, bias?, gate?) -> (activation(z), z). */
export function linearActivation(
  options: Activated & { readonly bias: boolean },
  inputs: readonly Value[],
  [y, z]: readonly Spec[],
): Value[] {
  const before = linear(options, inputs, z);
  if (options.activation === 'swiglu')
    return [swiglu(inputs[options.bias ? 3 : 2], before, y), before];
  return [gelu(options.activation === 'gelu' ? 'none' : 'tanh', before, y), before];
}

/** (dy [M, N], w, z) -> dz, or (dy, w, gate, z) -> (dgate, dz). */
export function activationLinearBackward(
  { transposeWeight, activation }: Activated,
  [dy, w, ...kept]: readonly Value[],
  outputs: readonly Spec[],
): Value[] {
  const through = { transposeA: false, transposeB: !transposeWeight };
  const product = matmul(through, dy, w, outputs[0]);
  if (activation === 'swiglu') return swigluBackward(kept[0], kept[1], product, outputs);
  return [geluBackward(activation === 'gelu' ? 'none' : 'tanh', kept[0], product, outputs[0])];
}

/** (x [M, K], dy [M, N], then what to add to) -> (dw, dbias). */
export function linearBackwardWeight(
  options: { readonly transposeWeight: boolean; readonly bias: boolean },
  [x, dy, ...before]: readonly Value[],
  [dw, dbias]: readonly Spec[],
): Value[] {
  const transposed = { transposeA: true, transposeB: false };
  const product = options.transposeWeight
    ? matmul(transposed, dy, x, dw)
    : matmul(transposed, x, dy, dw);
  const weights = generate(dw, (_, i) => product.data[i] + (before[0]?.data[i] ?? 0));
  if (!options.bias) return [weights];
  const [m, n] = dy.shape;
  const sums = generate(dbias, ([column]) => {
    let sum = before[1]?.data[column] ?? 0;
    for (let row = 0; row < m; row++) sum += dy.data[row * n + column];
    return sum;
  });
  return [weights, sums];
}
