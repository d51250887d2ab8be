import type { LinearActivation, Params, Tensor } from '@heddle/core';
import { feedForward, gelu, relu, silu } from '@heddle/tensor';
import { type Dense, dense, weights } from './dense.js';

/** Activation functions by their Hugging Face names. */
export const ACTIVATIONS = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'gelu_fast',
  'relu',
  'silu',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** 'gelu' is exact (erf); 'gelu_new', 'gelu_pytorch_tanh' and 'gelu_fast' are one formula, with tanh. */
export function activate(name: Activation, x: Tensor): Tensor {
  if (name === 'relu') return relu(x);
  if (name === 'silu') return silu(x);
  return gelu(x, { approximate: name === 'gelu' ? 'none' : 'tanh' });
}

/** Those that a product and its derivative may take along. */
const FUSED: Partial<Record<Activation, LinearActivation>> = {
  gelu: 'gelu',
  gelu_new: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_fast: 'geluTanh',
};

/** down(activation(up(x))) (+ residual): the feed-forward layer of GPT-2 and BERT. x: [B, T, E] */
export function mlp(
  params: Params,
  up: Dense,
  down: Dense,
  activation: Activation,
  x: Tensor,
  residual?: Tensor,
): Tensor {
  const fused = FUSED[activation];
  if (fused === undefined)
    return dense(params, down, activate(activation, dense(params, up, x)), residual);
  return feedForward(x, {
    activation: fused,
    up: weights(params, up),
    down: weights(params, down),
    transposeWeight: up.layout === 'out-in',
    residual,
  });
}

/** down(silu(gate(x)) * up(x)) + residual: the feed-forward layer of Llama (Shazeer 2020). x: [B, T, E] */
export function gatedMlp(
  params: Params,
  layers: { readonly gate: Dense; readonly up: Dense; readonly down: Dense },
  x: Tensor,
  residual: Tensor,
): Tensor {
  return feedForward(x, {
    activation: 'swiglu',
    up: weights(params, layers.up),
    gate: weights(params, layers.gate),
    down: weights(params, layers.down),
    transposeWeight: layers.up.layout === 'out-in',
    residual,
  });
}
