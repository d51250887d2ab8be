import type { Params, Tensor } from '@heddle/core';
import { layerNorm, rmsNorm } from '@heddle/tensor';
import { type ParameterSpec, parameter } from './parameters.js';

/** LayerNorm with `<name>.weight` and `<name>.bias` (Ba et al. 2016). x: [..., D] */
export function norm(params: Params, name: string, x: Tensor, epsilon: number): Tensor {
  const gain = parameter(params, `${name}.weight`);
  return layerNorm(x, gain, parameter(params, `${name}.bias`), { epsilon });
}

/** RMSNorm with `<name>.weight` (Zhang & Sennrich 2019). x: [..., D] */
export function rootMeanSquareNorm(
  params: Params,
  name: string,
  x: Tensor,
  epsilon: number,
): Tensor {
  return rmsNorm(x, parameter(params, `${name}.weight`), { epsilon });
}

export function normParameters(name: string, size: number): [string, ParameterSpec][] {
  return [
    [`${name}.weight`, { shape: [size], initial: 'ones' }],
    [`${name}.bias`, { shape: [size], initial: 'zeros' }],
  ];
}
