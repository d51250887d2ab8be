import type { AttentionOptions } from '@heddle/core';
import { flatten, generate, type Spec, type Value } from './value.js';

/** (x [B, T, H, D], cos [1 or B, T, D/2], sin) -> y: rotates the pairs (i, i + D/2). */
export function rope(inverse: boolean, x: Value, cos: Value, sin: Value, output: Spec): Value {
  const half = x.shape[3] / 2;
  return generate(output, ([b, t, h, d], flat) => {
    const angle = flatten([cos.shape[0] === 1 ? 0 : b, t, d % half], cos.shape);
    const c = cos.data[angle];
    const s = inverse ? -sin.data[angle] : sin.data[angle];
    const partner = x.data[flatten([b, t, h, (d + half) % (2 * half)], x.shape)];
    return d < half ? x.data[flat] * c - partner * s : x.data[flat] * c + partner * s;
  });
}

interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly G: number;
  readonly D: number;
}

function sizes(q: Value, k: Value): Sizes {
  const [B, T, H, D] = q.shape;
  return { B, T, H, D, S: k.shape[1], G: k.shape[2] };
}

/** Whether query t of batch b sees key s. */
function sees(
  options: AttentionOptions,
  { T, S }: Sizes,
  segments: readonly Value[],
  [b, t, s]: readonly number[],
): boolean {
  const keys = options.keyLength ?? S;
  if (s >= keys) return false;
  const last = t + keys - T;
  if (options.causal && s > last) return false;
  if (options.causal && options.window !== undefined && s <= last - options.window) return false;
  if (segments.length === 0) return true;
  return segments[0].data[b * T + t] === segments[1].data[b * S + s];
}

/** For each (b, h, t): the scores of all keys, -Infinity where they are not seen. */
function scores(
  options: AttentionOptions,
  q: Value,
  k: Value,
  segments: readonly Value[],
): (b: number, h: number, t: number) => Float64Array {
  const size = sizes(q, k);
  const { S, H, G, D } = size;
  return (b, h, t) => {
    const g = Math.floor(h / (H / G));
    const row = new Float64Array(S).fill(-Infinity);
    const query = flatten([b, t, h, 0], q.shape);
    for (let s = 0; s < S; s++) {
      if (!sees(options, size, segments, [b, t, s])) continue;
      const key = flatten([b, s, g, 0], k.shape);
      let dot = 0;
      for (let d = 0; d < D; d++) dot += q.data[query + d] * k.data[key + d];
      row[s] = dot * options.scale;
    }
    return row;
  };
}

/** The parts of [B, T, H + 2 G, D]: which heads of it they are. */
function partsOf(all: Spec, groups: number): (readonly [first: number, heads: number])[] {
  const heads = all.shape[2] - 2 * groups;
  return [
    [0, heads],
    [heads, groups],
    [heads + groups, groups],
  ];
}

/** q, k and v, whether they are given apart or as one tensor; then the other operands. */
function apart(options: AttentionOptions, inputs: readonly Value[]): Value[] {
  if (options.packedGroups === undefined) return [...inputs];
  const [all, ...others] = inputs;
  const [B, T, , D] = all.shape;
  const parts = partsOf(all, options.packedGroups).map(([first, heads]) =>
    generate(
      { shape: [B, T, heads, D], dtype: all.dtype },
      ([b, t, h, d]) => all.data[flatten([b, t, first + h, d], all.shape)],
    ),
  );
  return [...parts, ...others];
}

/** (q, k, v, segments?) -> (out [B, T, H, D], logSumExp [B, H, T]). */
export function attention(
  options: AttentionOptions,
  inputs: readonly Value[],
  [out, lse]: readonly Spec[],
): Value[] {
  const [q, k, v, ...segments] = apart(options, inputs);
  const { B, T, S, H, G, D } = sizes(q, k);
  const scoresOf = scores(options, q, k, segments);
  const outputs = generate(out, () => 0);
  const sums = generate(lse, () => -Infinity);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      for (let t = 0; t < T; t++) {
        const row = scoresOf(b, h, t);
        const largest = row.reduce((x, y) => Math.max(x, y), -Infinity);
        if (largest === -Infinity) continue;
        const total = largest + Math.log(row.reduce((x, y) => x + Math.exp(y - largest), 0));
        sums.data[flatten([b, h, t], lse.shape)] = total;
        const target = flatten([b, t, h, 0], out.shape);
        for (let s = 0; s < S; s++) {
          if (row[s] === -Infinity) continue;
          const value = flatten([b, s, Math.floor(h / (H / G)), 0], v.shape);
          const weight = Math.exp(row[s] - total);
          for (let d = 0; d < D; d++) outputs.data[target + d] += weight * v.data[value + d];
        }
      }
    }
  }
  return [outputs, sums];
}

/** (q, k, v, out, logSumExp, dout, segments?) -> (dq, dk, dv). */
export function attentionBackward(
  options: AttentionOptions,
  inputs: readonly Value[],
  outputs: readonly Spec[],
): Value[] {
  if (options.packedGroups !== undefined) return packedBackward(options, inputs, outputs[0]);
  const [q, k, v, out, lse, dout, ...segments] = inputs;
  const { B, T, S, H, G, D } = sizes(q, k);
  const scoresOf = scores(options, q, k, segments);
  const [dq, dk, dv] = outputs.map((spec) => generate(spec, () => 0));
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      for (let t = 0; t < T; t++) {
        const row = scoresOf(b, h, t);
        const total = lse.data[flatten([b, h, t], lse.shape)];
        const query = flatten([b, t, h, 0], q.shape);
        let delta = 0;
        for (let d = 0; d < D; d++) delta += dout.data[query + d] * out.data[query + d];
        for (let s = 0; s < S; s++) {
          if (row[s] === -Infinity) continue;
          const key = flatten([b, s, Math.floor(h / (H / G)), 0], k.shape);
          const weight = Math.exp(row[s] - total);
          let dweight = 0;
          for (let d = 0; d < D; d++) dweight += dout.data[query + d] * v.data[key + d];
          const dscore = weight * (dweight - delta) * options.scale;
          for (let d = 0; d < D; d++) {
            dq.data[query + d] += dscore * k.data[key + d];
            dk.data[key + d] += dscore * q.data[query + d];
            dv.data[key + d] += weight * dout.data[query + d];
          }
        }
      }
    }
  }
  return [dq, dk, dv];
}

/** The gradients of the parts, put together again. */
function packedBackward(
  { packedGroups, ...options }: AttentionOptions,
  inputs: readonly Value[],
  output: Spec,
): Value[] {
  const operands = apart({ ...options, packedGroups }, inputs);
  const gradients = attentionBackward(options, operands, operands.slice(0, 3));
  const parts = partsOf(output, packedGroups!);
  return [
    generate(output, ([b, t, h, d]) => {
      const part = parts.findIndex(([first, heads]) => h >= first && h < first + heads);
      const { data, shape } = gradients[part];
      return data[flatten([b, t, h - parts[part][0], d], shape)];
    }),
  ];
}
