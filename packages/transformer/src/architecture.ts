import { HeddleError } from '@heddle/core';
import { bert } from './bert.js';
import type { ModelConfig } from './config.js';
import { gpt2 } from './gpt2.js';
import type { Transformer, TransformerOptions } from './language-model.js';
import { llama } from './llama.js';

/** Makes a model of a config.json. */
export type ArchitectureFactory = (
  config: ModelConfig,
  options?: TransformerOptions,
) => Transformer;

/** Further architectures by their `model_type`; they come before the built-in ones. */
export type Architectures = Readonly<Record<string, ArchitectureFactory>>;

export interface ArchitectureOptions extends TransformerOptions {
  readonly architectures?: Architectures;
}

/**
 * The model that a config.json describes, chosen by its `model_type`: gpt2, llama, bert, or one of
 * `architectures`.
 *
 * @throws `transformer/config` for another type, an unknown key or a value out of bounds
 */
export function architectureFromConfig(
  config: unknown,
  { architectures = {}, ...options }: ArchitectureOptions = {},
): Transformer {
  const known = new Map<string, ArchitectureFactory>([
    ...Object.entries({ gpt2, llama, bert }),
    ...Object.entries(architectures),
  ]);
  const type =
    typeof config === 'object' && config !== null && 'model_type' in config
      ? config.model_type
      : undefined;
  const make = typeof type === 'string' ? known.get(type) : undefined;
  if (make === undefined)
    throw new HeddleError(
      'transformer/config',
      `"model_type" must be one of ${[...known.keys()].join(', ')}; it is ${JSON.stringify(type) ?? 'absent'}. ` +
        'Other architectures are passed as `architectures: { [model_type]: factory }`.',
      { modelType: String(type), key: 'model_type', given: typeof type === 'string' ? type : null },
    );
  return make(config as ModelConfig, options);
}
