import type { AttentionOptions, Backend, Tensor } from '@heddle/core';
import { iota } from '../create.js';
import { add, mul, sub } from '../ops/binary.js';
import { equal, less, select } from '../ops/compare.js';
import { permute, reshape, slice } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { exp } from '../ops/unary.js';
import type { DeviceTensor } from '../tensor.js';
import { softmaxWithSum } from './softmax.js';

/*
 * Attention out of primitives, for backends without a kernel of their own. The R = H / G heads of a
 * group are laid one after the other, [B·G, R·T, D], so that grouped queries need no copy of k and v.
 */

interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly groups: number;
  readonly width: number;
}

function sizesOf(q: Tensor, k: Tensor): Sizes {
  const [batch, queries, heads, width] = q.shape;
  return { batch, queries, heads, width, keys: k.shape[1], groups: k.shape[2] };
}

/** (q, k, v) -> (out [B, T, H, D], logSumExp [B, H, T]). */
export function attentionComposed(
  [q, fullK, fullV]: readonly Tensor[],
  segments: readonly Tensor[],
  options: AttentionOptions,
): DeviceTensor[] {
  const count = options.keyLength ?? fullK.shape[1];
  const k = firstKeys(fullK, count);
  const v = firstKeys(fullV, count);
  const own = segments.length > 0 ? [segments[0], firstKeys(segments[1], count)] : [];
  const sizes = sizesOf(q, k);
  const scores = maskedScores(byGroup(q, sizes), keysByGroup(k), own, sizes, options);
  const { probabilities, logSumExp } = softmaxWithSum(scores);
  const mixed = matmul(flatHeads(probabilities), keysByGroup(v)); // [B·G, R·T, D]
  const { batch, heads, queries } = sizes;
  return [fromGroups(mixed, sizes), reshape(logSumExp, [batch, heads, queries])] as DeviceTensor[];
}

/** (q, k, v, out, logSumExp), dout -> (dq, dk, dv). */
export function attentionBackwardComposed(
  [q, k, v, out, logSumExp]: readonly Tensor[],
  segments: readonly Tensor[],
  dout: Tensor,
  options: AttentionOptions,
): Tensor[] {
  const sizes = sizesOf(q, k);
  const { batch, queries, heads, groups } = sizes;
  const [qs, ks, vs] = [byGroup(q, sizes), keysByGroup(k), keysByGroup(v)];
  const perQuery = [batch, groups, heads / groups, queries, 1];
  const lse = reshape(logSumExp, perQuery);
  const finite = select(equal(lse, Number.NEGATIVE_INFINITY), 0, lse); // rows that see nothing
  const p = exp(sub(maskedScores(qs, ks, segments, sizes, options), finite)); // [B, G, R, T, S]
  const douts = byGroup(dout, sizes);
  const delta = reshape(sum(mul(douts, byGroup(out, sizes)), { axes: [-1] }), perQuery);
  const dp = reshape(matmul(douts, vs, { transposeB: true }), p.shape);
  const ds = flatHeads(mul(mul(p, sub(dp, delta)), options.scale)); // [B·G, R·T, S]
  const dq = fromGroups(matmul(ds, ks), sizes);
  const dk = fromKeys(matmul(ds, qs, { transposeA: true }), sizes);
  const dv = fromKeys(matmul(flatHeads(p), douts, { transposeA: true }), sizes);
  return [dq, dk, dv];
}

/** q k' scale, -Infinity where nothing may be seen. -> [B, G, R, T, S]. */
function maskedScores(
  qs: Tensor,
  ks: Tensor,
  segments: readonly Tensor[],
  { batch, queries, keys, heads, groups }: Sizes,
  options: AttentionOptions,
): Tensor {
  const scores = reshape(mul(matmul(qs, ks, { transposeB: true }), options.scale), [
    batch,
    groups,
    heads / groups,
    queries,
    keys,
  ]);
  let visible = options.causal ? causalMask(qs.backend, queries, keys, options.window) : undefined;
  if (segments.length > 0) {
    const [ofQueries, ofKeys] = segments;
    const same = equal(
      reshape(ofQueries, [batch, 1, 1, queries, 1]),
      reshape(ofKeys, [batch, 1, 1, 1, keys]),
    );
    visible = visible ? mul(visible, same) : same;
  }
  return visible ? select(visible, scores, Number.NEGATIVE_INFINITY) : scores;
}

/** i32 [T, S]: 1 where last - window < j <= last with last = i + S - T. */
function causalMask(backend: Backend, queries: number, keys: number, window?: number): Tensor {
  const last = add(reshape(iota(backend, queries), [queries, 1]), keys - queries);
  const j = reshape(iota(backend, keys), [1, keys]);
  const past = less(j, add(last, 1));
  return window === undefined ? past : mul(past, less(sub(last, window), j));
}

/** [B, T, H, D] -> [B·G, R·T, D]. */
function byGroup(x: Tensor, { batch, queries, heads, groups, width }: Sizes): Tensor {
  return reshape(permute(x, [0, 2, 1, 3]), [batch * groups, (heads / groups) * queries, width]);
}

/** [B·G, R·T, D] -> [B, T, H, D]. */
function fromGroups(x: Tensor, { batch, queries, heads, width }: Sizes): Tensor {
  return permute(reshape(x, [batch, heads, queries, width]), [0, 2, 1, 3]);
}

/** [B, S, G, D] -> [B·G, S, D]. */
function keysByGroup(x: Tensor): Tensor {
  const [batch, keys, groups, width] = x.shape;
  return reshape(permute(x, [0, 2, 1, 3]), [batch * groups, keys, width]);
}

/** [B·G, S, D] -> [B, S, G, D]. */
function fromKeys(x: Tensor, { batch, keys, groups, width }: Sizes): Tensor {
  return permute(reshape(x, [batch, groups, keys, width]), [0, 2, 1, 3]);
}

/** [B, G, R, T, S] -> [B·G, R·T, S]. */
function flatHeads(x: Tensor): Tensor {
  const [batch, groups, repeats, queries, keys] = x.shape;
  return reshape(x, [batch * groups, repeats * queries, keys]);
}

function firstKeys(x: Tensor, count: number): Tensor {
  if (count === x.shape[1]) return x;
  const size = x.shape.map((n, i) => (i === 1 ? count : n));
  return slice(
    x,
    size.map(() => 0),
    size,
  );
}
