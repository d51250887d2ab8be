import { fold, type Params, type Tensor } from '@heddle/core';
import { dropout, linear } from '@heddle/tensor';
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

/** x W (+ b): [..., in] -> [..., out]. */
export function dense(params: Params, { name, bias, layout }: Dense, x: Tensor): Tensor {
  return linear(x, parameter(params, `${name}.weight`), {
    bias: bias ? parameter(params, `${name}.bias`) : undefined,
    transposeWeight: layout === 'out-in',
  });
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

/** Dropout (Srivastava et al. 2014) in training, with a key of its own for every `place` in the model. */
export function drop(x: Tensor, rate: number, place: string, pass: Pass): Tensor {
  if (!pass.context.train || rate === 0) return x;
  return dropout(x, rate, fold(pass.context.key, place));
}
