import type { AttentionOptions, Shape, TypedArray } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';

/** Sizes: q [B, T, H, D], k and v [B, allocated S, G, D] of which the first S rows exist. */
interface Sizes {
  readonly b: number;
  readonly t: number;
  readonly h: number;
  readonly d: number;
  readonly s: number;
  readonly g: number;
  readonly allocated: number;
}

function sizesOf(op: AttentionOptions, q: Operand, k: Operand): Sizes {
  const [b, t, h, d] = q.shape;
  const [, allocated, g] = k.shape;
  return { b, t, h, d, s: op.keyLength ?? allocated, g, allocated };
}

/** Keys `from` … `to`-1 are the ones that query i may see, as far as position decides. */
function range(op: AttentionOptions, { t, s }: Sizes, i: number): [from: number, to: number] {
  if (!op.causal) return [0, s];
  const to = Math.min(Math.max(i + s - t + 1, 0), s);
  return [op.window === undefined ? 0 : Math.max(i + s - t + 1 - op.window, 0), to];
}

function dot(x: TypedArray, atX: number, y: TypedArray, atY: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[atX + i] * y[atY + i];
  return sum;
}

const separate: Kernels<'attention' | 'attentionBackward'> = {
  attention(op, [q, k, v, querySegments, keySegments], [out, logSumExp]) {
    const sizes = sizesOf(op, q, k);
    const { b, t, h, d, s, g, allocated } = sizes;
    const scores = new Float64Array(s);
    const sum = new Float64Array(d);
    for (let batch = 0; batch < b; batch++) {
      for (let head = 0; head < h; head++) {
        const group = Math.floor(head / (h / g));
        for (let i = 0; i < t; i++) {
          const atQ = ((batch * t + i) * h + head) * d;
          const segment = querySegments?.data[batch * t + i];
          const [from, to] = range(op, sizes, i);
          let max = Number.NEGATIVE_INFINITY;
          for (let j = from; j < to; j++) {
            const row = batch * allocated + j;
            scores[j] =
              keySegments?.data[row] === segment
                ? op.scale * dot(q.data, atQ, k.data, (row * g + group) * d, d)
                : Number.NEGATIVE_INFINITY;
            max = Math.max(max, scores[j]);
          }
          let total = 0;
          sum.fill(0);
          for (let j = from; j < to && max !== Number.NEGATIVE_INFINITY; j++) {
            const p = Math.exp(scores[j] - max);
            if (p === 0) continue;
            total += p;
            const atV = ((batch * allocated + j) * g + group) * d;
            for (let x = 0; x < d; x++) sum[x] += p * v.data[atV + x];
          }
          const seen = max !== Number.NEGATIVE_INFINITY;
          for (let x = 0; x < d; x++) out.data[atQ + x] = seen ? sum[x] / total : 0;
          logSumExp.data[(batch * h + head) * t + i] = seen ? max + Math.log(total) : max;
        }
      }
    }
  },

  attentionBackward(op, [q, k, v, out, logSumExp, dout, querySegments, keySegments], [dq, dk, dv]) {
    const sizes = sizesOf(op, q, k);
    const { b, t, h, d, g, allocated } = sizes;
    const dkSum = new Float64Array(dk.data.length);
    const dvSum = new Float64Array(dv.data.length);
    const dqSum = new Float64Array(d);
    for (let batch = 0; batch < b; batch++) {
      for (let head = 0; head < h; head++) {
        const group = Math.floor(head / (h / g));
        for (let i = 0; i < t; i++) {
          const atQ = ((batch * t + i) * h + head) * d;
          const segment = querySegments?.data[batch * t + i];
          const lse = logSumExp.data[(batch * h + head) * t + i];
          const [from, to] = range(op, sizes, i);
          const delta = dot(dout.data, atQ, out.data, atQ, d);
          dqSum.fill(0);
          for (let j = from; j < to && lse !== Number.NEGATIVE_INFINITY; j++) {
            const row = batch * allocated + j;
            if (keySegments?.data[row] !== segment) continue;
            const atK = (row * g + group) * d;
            const p = Math.exp(op.scale * dot(q.data, atQ, k.data, atK, d) - lse);
            const dp = dot(dout.data, atQ, v.data, atK, d);
            const ds = op.scale * p * (dp - delta);
            for (let x = 0; x < d; x++) {
              dvSum[atK + x] += p * dout.data[atQ + x];
              dkSum[atK + x] += ds * q.data[atQ + x];
              dqSum[x] += ds * k.data[atK + x];
            }
          }
          for (let x = 0; x < d; x++) dq.data[atQ + x] = dqSum[x];
        }
      }
    }
    for (let i = 0; i < dkSum.length; i++) {
      dk.data[i] = dkSum[i];
      dv.data[i] = dvSum[i];
    }
  },
};

/** The shapes of q, k and v in a tensor [B, T, H + 2 G, D]. */
function parts([b, t, all, d]: Shape, groups: number): Shape[] {
  return [all - 2 * groups, groups, groups].map((heads) => [b, t, heads, d]);
}

/** Copies between [B, T, H + 2 G, D] and its parts: `move` is given the part's array and both positions. */
function eachPart(
  all: Operand,
  pieces: readonly Operand[],
  move: (part: TypedArray, at: number, inAll: number) => void,
): void {
  const [b, t, heads, d] = all.shape;
  let first = 0;
  for (const { data, shape } of pieces) {
    const width = shape[2] * d;
    for (let row = 0; row < b * t; row++)
      for (let i = 0; i < width; i++) move(data, row * width + i, row * heads * d + first + i);
    first += width;
  }
}

function unpack(all: Operand, groups: number): Operand[] {
  const pieces = blank(all, groups);
  eachPart(all, pieces, (part, at, inAll) => {
    part[at] = all.data[inAll];
  });
  return pieces;
}

function blank(all: Operand, groups: number): Operand[] {
  return parts(all.shape, groups).map((shape) => ({
    shape,
    data: new Float32Array(shape.reduce((a, n) => a * n, 1)),
  }));
}

/** Attention, with q, k and v apart or as one tensor. */
export const attentions: Kernels<'attention' | 'attentionBackward'> = {
  attention({ packedGroups, ...op }, inputs, outputs) {
    if (packedGroups === undefined) return separate.attention(op, inputs, outputs);
    const [qkv, ...segments] = inputs;
    separate.attention(op, [...unpack(qkv, packedGroups), ...segments], outputs);
  },

  attentionBackward({ packedGroups, ...op }, inputs, outputs) {
    if (packedGroups === undefined) return separate.attentionBackward(op, inputs, outputs);
    const [qkv, ...others] = inputs;
    const [dqkv] = outputs;
    const gradients = blank(dqkv, packedGroups);
    separate.attentionBackward(op, [...unpack(qkv, packedGroups), ...others], gradients);
    eachPart(dqkv, gradients, (part, at, inAll) => {
      dqkv.data[inAll] = part[at];
    });
  },
};
