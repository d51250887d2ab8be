import { join } from 'node:path';
import { type Backend, HeddleError, type Json, type Params } from '@heddle/core';
import { loadSafetensors, saveSafetensors } from '@heddle/tensor/safetensors';
import { badFile, folder, readJsonObject, writeJsonObject } from './json-file.js';
import { adaptersOf, isAdapter, type LoraModel } from './lora.js';
import { moduleOf } from './lora-targets.js';

/** What PEFT puts before a parameter's name. */
const PREFIX = 'base_model.model.';

/** Adapters from a folder, and the options of `lora` that they were made with. */
export interface LoadedAdapters {
  readonly params: Params;
  readonly rank: number;
  readonly alpha: number;
  /** Names of the modules that have an adapter. */
  readonly targets: readonly string[];
}

/**
 * Saves the adapters alone, as PEFT does: `adapter_config.json`, `adapter_model.safetensors`.
 * Errors: `finetune/missing-parameter` if `params` have no adapter, `io`.
 */
export async function saveAdapters(
  directory: string,
  { model, params }: { readonly model: LoraModel; readonly params: Params },
): Promise<void> {
  const adapters = adaptersOf(params);
  const modules = modulesOf(adapters);
  if (modules.length === 0) {
    throw new HeddleError(
      'finetune/missing-parameter',
      'The parameters have no adapter to save. Give those that were trained, before merging.',
      { missing: ['*.lora_A.weight'] },
    );
  }
  const path = await folder(directory);
  const prefixed = Object.entries(adapters).map(([name, t]) => [PREFIX + name, t]);
  await saveSafetensors(path('adapter_model.safetensors'), Object.fromEntries(prefixed), {
    metadata: { format: 'pt' },
  });
  await writeJsonObject(path('adapter_config.json'), {
    peft_type: 'LORA',
    task_type: model.causal ? 'CAUSAL_LM' : 'FEATURE_EXTRACTION',
    base_model_name_or_path: null,
    r: model.rank,
    lora_alpha: model.alpha,
    lora_dropout: 0,
    target_modules: modules,
    fan_in_fan_out: modules.every((module) => model.layout(`${module}.weight`) === 'in-out'),
    bias: 'none',
    inference_mode: true,
  });
}

const modulesOf = (adapters: Params): string[] =>
  Object.keys(adapters).flatMap((name) =>
    moduleOf(name).endsWith('.lora_A') ? [moduleOf(name).slice(0, -'.lora_A'.length)] : [],
  );

/**
 * Loads adapters that `saveAdapters` or PEFT wrote. Join `params` to the base's, and wrap the model:
 * `lora(model, adapters)`.
 *
 * Errors: `io`; `bad-file` for files that are not of plain LoRA: trained biases, DoRA, rsLoRA,
 * ranks that differ between layers, tensors that are no adapters.
 */
export async function loadAdapters(directory: string, backend: Backend): Promise<LoadedAdapters> {
  const configPath = join(directory, 'adapter_config.json');
  const config = await readJsonObject(configPath);
  const { rank, alpha } = checkConfig(configPath, config);
  const path = join(directory, 'adapter_model.safetensors');
  const loaded = await loadSafetensors(path, backend);
  const fail = (reason: string): HeddleError => {
    for (const t of Object.values(loaded)) t.dispose();
    return badFile(path, reason);
  };
  const params = Object.fromEntries(
    Object.entries(loaded).map(([name, t]) => {
      const own = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
      if (!isAdapter(own)) throw fail(`"${name}" is no lora_A or lora_B weight`);
      const given = t.shape[own.endsWith('.lora_A.weight') ? 0 : 1];
      if (t.shape.length !== 2 || given !== rank) {
        throw fail(`"${name}" has the shape [${t.shape.join(', ')}], which is not of rank ${rank}`);
      }
      return [own, t];
    }),
  );
  const targets = modulesOf(params);
  if (targets.length === 0 || Object.keys(params).length !== 2 * targets.length) {
    throw fail('it does not hold a lora_A and a lora_B for each module');
  }
  return { params, rank, alpha, targets };
}

function checkConfig(
  path: string,
  config: { readonly [key: string]: Json },
): { rank: number; alpha: number } {
  const { r: rank, lora_alpha: alpha, peft_type: type, bias = 'none' } = config;
  if (type !== 'LORA') throw badFile(path, `its peft_type is ${JSON.stringify(type)}, not "LORA"`);
  if (bias !== 'none') throw badFile(path, `it trained biases (${JSON.stringify(bias)})`);
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1) {
    throw badFile(path, `its rank r is ${JSON.stringify(rank)}`);
  }
  if (typeof alpha !== 'number' || !(alpha > 0)) {
    throw badFile(path, `its lora_alpha is ${JSON.stringify(alpha)}`);
  }
  for (const key of ['use_dora', 'use_rslora', 'rank_pattern', 'alpha_pattern']) {
    const value = config[key] ?? false;
    const off =
      value === false || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
    if (!off) throw badFile(path, `it uses ${key}, which is not supported`);
  }
  return { rank, alpha };
}
