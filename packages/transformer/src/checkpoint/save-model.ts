import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, type LanguageModel, type Params, type Tokenizer, withIo } from '@heddle/core';
import { saveSafetensors } from '@heddle/tensor/safetensors';
import type { Transformer } from '../language-model.js';
import { compareParameters, requireMatch } from '../parameters.js';
import { writeJson } from './json-file.js';

export interface SaveModelOptions {
  readonly model: Transformer;
  /** Exactly the parameters of `model`. */
  readonly params: Params;
  /** Written as tokenizer.json. */
  readonly tokenizer?: Tokenizer;
  /** Written as generation_config.json. Default: the special token ids of the configuration. */
  readonly generationConfig?: { readonly [key: string]: Json };
}

/**
 * Writes a Hugging Face folder, which transformers loads: config.json, generation_config.json (for
 * a causal model), tokenizer.json and tokenizer_config.json (with a tokenizer), and, last,
 * model.safetensors. Each file is whole or absent; files of the same names are replaced.
 *
 * @throws `transformer/parameters` if `params` are not those of `model`; `io` if writing fails
 */
export async function saveModel(directory: string, options: SaveModelOptions): Promise<void> {
  const { model, params, tokenizer } = options;
  const given = new Map(Object.entries(params));
  requireMatch(compareParameters(model.parameters, given, new Set(['f32', 'bf16'])));
  await withIo('create', directory, () => mkdir(directory, { recursive: true }));
  await writeJson(join(directory, 'config.json'), model.config);
  const generationConfig = options.generationConfig ?? defaultGenerationConfig(model);
  if (generationConfig)
    await writeJson(join(directory, 'generation_config.json'), generationConfig);
  if (tokenizer) {
    await writeJson(join(directory, 'tokenizer.json'), tokenizer.toJSON());
    await writeJson(join(directory, 'tokenizer_config.json'), {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: model.contextLength,
    });
  }
  const ordered = [...model.parameters.keys()].map((name) => [name, params[name]] as const);
  await saveSafetensors(join(directory, 'model.safetensors'), Object.fromEntries(ordered), {
    metadata: { format: 'pt' }, // what transformers looks for
  });
}

function defaultGenerationConfig(model: LanguageModel): { [key: string]: Json } | undefined {
  if (!model.causal) return undefined;
  const { bos_token_id = null, eos_token_id = null, pad_token_id = null } = model.config;
  return { _from_model_config: true, bos_token_id, eos_token_id, pad_token_id };
}
