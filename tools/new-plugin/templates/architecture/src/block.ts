import type { Tensor } from '@heddle/core';
import { gelu, matmul, packedAttention, reshape } from '@heddle/tensor';

/** A parameter of the layer, by its name in it. */
type Own = (name: string) => Tensor;

/** Causal self-attention: every position reads from those before it, in its own segment. x: [B, T, E] -> [B, T, E]. */
export function attend(x: Tensor, own: Own, heads: number, segments: Tensor | undefined): Tensor {
  const [batch, length, width] = x.shape;
  const qkv = matmul(x, own('attention.qkv')); // [B, T, 3 E]
  const perHead = reshape(qkv, [batch, length, 3 * heads, width / heads]); // [B, T, 3 H, E / H]
  const read = packedAttention(perHead, heads, {
    causal: true,
    ...(segments && { querySegments: segments, keySegments: segments }),
  }); // [B, T, H, E / H]
  return matmul(reshape(read, x.shape), own('attention.out'));
}

/** What a position makes of what it has read. x: [B, T, E] -> [B, T, E]. */
export function feedForward(x: Tensor, own: Own): Tensor {
  return matmul(gelu(matmul(x, own('mlp.up'))), own('mlp.down'));
}
