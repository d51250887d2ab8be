import type { Params, Tensor } from '@heddle/core';
import { gelu, relu, silu, swiglu } from '@heddle/tensor';
import { type Dense, dense } from './dense.js';

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

/** down(activation(up(x))): the feed-forward layer of GPT-2 and BERT. x: [B, T, E] */
export function mlp(
  params: Params,
  up: Dense,
  down: Dense,
  activation: Activation,
  x: Tensor,
): Tensor {
  return dense(params, down, activate(activation, dense(params, up, x)));
}

/** down(silu(gate(x)) * up(x)): the feed-forward layer of Llama (Shazeer 2020). x: [B, T, E] */
export function gatedMlp(params: Params, gate: Dense, up: Dense, down: Dense, x: Tensor): Tensor {
  return dense(params, down, swiglu(dense(params, gate, x), dense(params, up, x)));
}
