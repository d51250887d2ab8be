import { fold, type RngKey, type Tensor } from '@heddle/core';
import {
  attention,
  broadcastTo,
  dropout,
  equal,
  iota,
  less,
  matmul,
  mul,
  packedAttention,
  permute,
  reshape,
  select,
  softmax,
  split,
} from '@heddle/tensor';
import type { Pass } from './pass.js';

export interface AttendOptions {
  /** Which layer of the cache. */
  readonly layer: number;
  readonly causal: boolean;
  /** Dropout rate of the attention weights in training. */
  readonly dropout: number;
}

/**
 * Multi-head attention, softmax(q k^T / sqrt(D)) v (Vaswani et al. 2017), over the positions of this
 * pass and, with a cache, those before; within a segment if the input has segments. With fewer
 * groups of keys and values than heads, heads share them (Ainslie et al. 2023).
 *
 * @param q [B, T, H, D]
 * @param k [B, T, G, D], H a multiple of G
 * @param v [B, T, G, D]
 * @returns [B, T, H * D]
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  pass: Pass,
  options: AttendOptions,
): Tensor {
  const { causal, layer } = options;
  const segments: Tensor | undefined = pass.constants.segments;
  const joined = [q.shape[0], q.shape[1], q.shape[2] * q.shape[3]];
  if (pass.cache !== undefined) {
    const { keys, values, keyLength } = pass.cache.append(layer, k, v);
    const seen = { querySegments: segments, keySegments: pass.cache.segments };
    return reshape(attention(q, keys, values, { causal, keyLength, ...seen }), joined);
  }
  if (pass.context.train && options.dropout > 0) {
    const key = fold(pass.context.key, `attention.${layer}`);
    return reshape(attentionWithDropout(q, k, v, segments, { ...options, key }), joined);
  }
  const seen = { querySegments: segments, keySegments: segments };
  return reshape(attention(q, k, v, { causal, ...seen }), joined);
}

/**
 * `attend` for queries, keys and values that one projection made.
 *
 * @param qkv [B, T, H + 2 groups, D]: the heads of q, then those of k, then those of v
 * @returns [B, T, H * D]
 */
export function attendPacked(
  qkv: Tensor,
  groups: number,
  pass: Pass,
  options: AttendOptions,
): Tensor {
  const [batch, length, all, width] = qkv.shape;
  const heads = all - 2 * groups;
  if (pass.cache !== undefined || (pass.context.train && options.dropout > 0)) {
    const [q, k, v] = split(qkv, [heads, groups, groups], 2);
    return attend(q, k, v, pass, options);
  }
  const segments: Tensor | undefined = pass.constants.segments;
  const seen = { querySegments: segments, keySegments: segments };
  const mixed = packedAttention(qkv, groups, { causal: options.causal, ...seen });
  return reshape(mixed, [batch, length, heads * width]);
}

/** Splits the last axis into heads: [B, T, H * D] -> [B, T, H, D]. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, width] = x.shape;
  return reshape(x, [batch, length, heads, width / heads]);
}

/** As the fused operation, but with the weights at hand, so that some of them can be dropped. */
function attentionWithDropout(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  segments: Tensor | undefined,
  options: { causal: boolean; dropout: number; key: RngKey },
): Tensor {
  const [B, T, H, D] = q.shape;
  const heads = (x: Tensor): Tensor => permute(shareGroups(x, H), [0, 2, 1, 3]); // [B, H, T, D]
  let scores = mul(matmul(heads(q), heads(k), { transposeB: true }), 1 / Math.sqrt(D)); // [B, H, T, T]
  if (options.causal) {
    const index = iota(q.backend, T);
    const isLater = less(reshape(index, [T, 1]), reshape(index, [1, T])); // [T query, T key]
    scores = select(isLater, Number.NEGATIVE_INFINITY, scores);
  }
  if (segments !== undefined) {
    const isOwn = equal(reshape(segments, [B, 1, T, 1]), reshape(segments, [B, 1, 1, T]));
    scores = select(isOwn, scores, Number.NEGATIVE_INFINITY);
  }
  const weights = dropout(softmax(scores), options.dropout, options.key);
  return permute(matmul(weights, heads(v)), [0, 2, 1, 3]); // [B, T, H, D]
}

/** Repeats each group for the heads that share it: [B, T, G, D] -> [B, T, H, D]. */
function shareGroups(x: Tensor, H: number): Tensor {
  const [B, T, G, D] = x.shape;
  if (G === H) return x;
  const repeated = broadcastTo(reshape(x, [B, T, G, 1, D]), [B, T, G, H / G, D]);
  return reshape(repeated, [B, T, H, D]);
}
