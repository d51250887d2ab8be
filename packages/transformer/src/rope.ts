import type { Backend, Tensor } from '@heddle/core';
import { add, cast, cos, iota, mul, reshape, sin, tensor } from '@heddle/tensor';
import type { ConfigReader } from './config.js';

/** Rotary position embedding (Su et al. 2021): how fast each pair of a head turns. */
export interface RopeConfig {
  /** The base of the frequencies. */
  readonly theta: number;
  readonly scaling: RopeScaling;
}

/** 'linear': positions divided by `factor`. 'llama3': low frequencies divided, high ones kept, a ramp between. */
export type RopeScaling =
  | { readonly type: 'default' }
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContext: number;
    };

/**
 * Reads `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (before). Kinds of
 * scaling other than default, linear and llama3 are refused.
 */
export function readRope(reader: ConfigReader, contextLength: number): RopeConfig {
  const key = reader.raw('rope_parameters') !== undefined ? 'rope_parameters' : 'rope_scaling';
  const given = reader.raw(key) ?? {};
  reader.raw('rope_scaling');
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    reader.refuse(key, 'must be an object');
  const entries = new Map(Object.entries(given));
  const number = (name: string, fallback: number | undefined, min: number): number => {
    const value = entries.get(name) ?? fallback;
    if (typeof value !== 'number' || !(value >= min && value <= 1e12))
      reader.refuse(key, `needs a number "${name}" of at least ${min}`);
    return value as number;
  };
  const theta = entries.has('rope_theta')
    ? number('rope_theta', undefined, 1)
    : reader.number('rope_theta', 10_000, { min: 1, max: 1e12 });
  reader.ignore('rope_theta');
  const partial = entries.get('partial_rotary_factor') ?? 1;
  if (partial !== 1) reader.refuse(key, 'has a partial_rotary_factor, which is not supported');

  const type = entries.get('rope_type') ?? entries.get('type') ?? 'default';
  if (type === 'default') return { theta, scaling: { type } };
  if (type === 'linear')
    return { theta, scaling: { type, factor: number('factor', undefined, 1) } };
  if (type !== 'llama3')
    reader.refuse(key, 'is supported with rope_type default, linear or llama3');
  const scaling = {
    type: 'llama3',
    factor: number('factor', undefined, 1),
    lowFrequencyFactor: number('low_freq_factor', undefined, 1e-6),
    highFrequencyFactor: number('high_freq_factor', undefined, 1e-6),
    originalContext: number('original_max_position_embeddings', contextLength, 1),
  } as const;
  if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor)
    reader.refuse(key, 'needs a high_freq_factor above low_freq_factor');
  return { theta, scaling };
}

/** Radians a position for each pair (i, i + D/2) of a head: [D / 2], rounded to f32. */
export function inverseFrequencies({ theta, scaling }: RopeConfig, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = theta ** ((-2 * i) / headDim);
    if (scaling.type === 'default') return frequency;
    if (scaling.type === 'linear') return frequency / scaling.factor;
    // As published with Llama 3.1: by how many turns fit into the original context.
    const turns = (scaling.originalContext * frequency) / (2 * Math.PI);
    const { factor, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
    if (turns > high) return frequency;
    if (turns < low) return frequency / factor;
    const kept = (turns - low) / (high - low);
    return kept * frequency + ((1 - kept) * frequency) / factor;
  });
}

/**
 * Cosines and sines of position times frequency, for `rope`.
 *
 * @param positions i32 [B, T], or the first of `length` consecutive ones for all rows
 * @returns f32 [B or 1, T, D / 2] each
 */
export function ropeTables(
  backend: Backend,
  frequencies: Float32Array,
  positions: Tensor | { readonly start: number; readonly length: number },
): { readonly cos: Tensor; readonly sin: Tensor } {
  const at =
    'start' in positions
      ? reshape(add(cast(iota(backend, positions.length), 'f32'), positions.start), [
          1,
          positions.length,
          1,
        ])
      : reshape(cast(positions, 'f32'), [...positions.shape, 1]);
  const angles = mul(at, tensor(backend, frequencies, [1, 1, frequencies.length]));
  return { cos: cos(angles), sin: sin(angles) };
}
