import { type RngKey, randomUniform } from '@heddle/core';
import { erf } from './elementwise.js';
import { asRows, generate, type Spec, type Value } from './value.js';

type Approximate = 'none' | 'tanh';

const ROOT = Math.sqrt(2 / Math.PI);

export function gelu(approximate: Approximate, x: Value, output: Spec): Value {
  return generate(output, (_, i) => {
    const u = x.data[i];
    if (approximate === 'none') return 0.5 * u * (1 + erf(u / Math.SQRT2));
    return 0.5 * u * (1 + Math.tanh(ROOT * (u + 0.044715 * u ** 3)));
  });
}

export function geluBackward(approximate: Approximate, x: Value, dy: Value, output: Spec): Value {
  return generate(output, (_, i) => {
    const u = x.data[i];
    if (approximate === 'none') {
      const density = Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
      return dy.data[i] * (0.5 * (1 + erf(u / Math.SQRT2)) + u * density);
    }
    const t = Math.tanh(ROOT * (u + 0.044715 * u ** 3));
    const inner = ROOT * (1 + 3 * 0.044715 * u * u);
    return dy.data[i] * (0.5 * (1 + t) + 0.5 * u * (1 - t * t) * inner);
  });
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function swiglu(gate: Value, up: Value, output: Spec): Value {
  return generate(output, (_, i) => gate.data[i] * sigmoid(gate.data[i]) * up.data[i]);
}

export function swigluBackward(
  gate: Value,
  up: Value,
  dy: Value,
  [dgate, dup]: readonly Spec[],
): Value[] {
  return [
    generate(dgate, (_, i) => {
      const g = gate.data[i];
      const s = sigmoid(g);
      return dy.data[i] * up.data[i] * s * (1 + g * (1 - s));
    }),
    generate(dup, (_, i) => dy.data[i] * gate.data[i] * sigmoid(gate.data[i])),
  ];
}

/** Over the last axis; a row of -Infinity alone gives zeros. */
export function softmax(x: Value, output: Spec): Value {
  const { rows, width } = asRows(x);
  const result = generate(output, () => 0);
  for (let r = 0; r < rows; r++) {
    const row = x.data.subarray(r * width, (r + 1) * width);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    if (largest === -Infinity) continue;
    let sum = 0;
    for (const v of row) sum += Math.exp(v - largest);
    for (let i = 0; i < width; i++) result.data[r * width + i] = Math.exp(row[i] - largest) / sum;
  }
  return result;
}

export function softmaxBackward(y: Value, dy: Value, output: Spec): Value {
  const { width } = asRows(y);
  return generate(output, (_, flat) => {
    const first = flat - (flat % width);
    let dot = 0;
    for (let i = first; i < first + width; i++) dot += y.data[i] * dy.data[i];
    return y.data[flat] * (dy.data[flat] - dot);
  });
}

/** x / (1 - rate) where the uniform number is at least `rate`, else 0: each step rounded as in f32. */
export function dropout(rate: number, key: RngKey, x: Value, output: Spec): Value {
  const uniform = randomUniform(key, x.data.length);
  const keep = Math.fround(1 - rate);
  return generate(output, (_, i) => (uniform[i] >= rate ? x.data[i] / keep : 0));
}
