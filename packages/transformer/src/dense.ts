import { fold, type Params, type Tensor } from '@heddle/core';
import { add, dropout, linear } from '@heddle/tensor';
import type { ParameterSpec } from './parameters.js';
import { parameter } from './parameters.js';
import type { Pass } from './pass.js';

/** A linear layer's place in the checkpoint. */
export interface Dense {
  /** Parameters `<name>.weight` and, if `bias`, `<name>.bias`. */
  readonly name: string;
  readonly bias: boolean;
  /** 'out-in': as torch's Linear stores it; 'in-out': as GPT-2's Conv1D. */
  readonly layout: 'out-in' | 'in-out';
}

/** x W (+ b) (+ residual): [..., in] -> [..., out]. */
export function dense(params: Params, layer: Dense, x: Tensor, residual?: Tensor): Tensor {
  const { weight, bias } = weights(params, layer);
  return linear(x, weight, { bias, transposeWeight: layer.layout === 'out-in', residual });
}

/** A layer's weight and, if it has one, bias. */
export function weights(params: Params, { name, bias }: Dense): { weight: Tensor; bias?: Tensor } {
  const weight = parameter(params, `${name}.weight`);
  return bias ? { weight, bias: parameter(params, `${name}.bias`) } : { weight };
}

/** The parameters of a linear layer from `inputs` to `outputs` features. */
export function denseParameters(
  { name, bias, layout }: Dense,
  inputs: number,
  outputs: number,
  std: number,
): [string, ParameterSpec][] {
  const shape = layout === 'out-in' ? [outputs, inputs] : [inputs, outputs];
  const weight: [string, ParameterSpec] = [`${name}.weight`, { shape, initial: { std } }];
  return bias ? [weight, [`${name}.bias`, { shape: [outputs], initial: 'zeros' }]] : [weight];
}

/**
 * x + drop(layer(...)): a residual connection around layers that can add to it themselves. They are given
 * x to add where nothing is dropped between, else undefined.
 */
export function around(
  x: Tensor,
  layers: (residual: Tensor | undefined) => Tensor,
  { rate, place, pass }: { readonly rate: number; readonly place: string; readonly pass: Pass },
): Tensor {
  if (!pass.context.train || rate === 0) return layers(x);
  return add(x, drop(layers(undefined), rate, place, pass));
}

/** Dropout (Srivastava et al. 2014) in training, with a key of its own for every `place` in the model. */
export function drop(x: Tensor, rate: number, place: string, pass: Pass): Tensor {
  if (!pass.context.train || rate === 0) return x;
  return dropout(x, rate, fold(pass.context.key, place));
}
