import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Backend, Json, Params, Shape, Tensor } from '@heddle/core';
import { loadSafetensors, readSafetensorsHeader } from '@heddle/tensor/safetensors';
import { type ArchitectureOptions, architectureFromConfig } from '../architecture.js';
import type { Transformer } from '../language-model.js';
import { compareParameters, requireMatch } from '../parameters.js';
import { badFile, readJson } from './json-file.js';

export interface LoadedModel {
  readonly model: Transformer;
  readonly params: Params;
  /** What generation_config.json holds, if there is one. */
  readonly generationConfig: { readonly [key: string]: Json } | undefined;
}

/** dtypes of the file that weights may have; all become f32. */
const FLOATS: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

const CONFIG = 'config.json';
const WEIGHTS = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/**
 * Loads a Hugging Face folder: config.json and model.safetensors, or its shards by
 * model.safetensors.index.json. Names, shapes and dtypes are compared with the configuration before
 * any weight is read.
 *
 * @throws `transformer/config` for a configuration that is not supported; `transformer/parameters`
 * naming missing, unexpected and mis-shaped tensors; `bad-file` and `io` for files that are absent,
 * broken, or lie. Nothing stays allocated.
 */
export async function loadModel(
  directory: string,
  backend: Backend,
  options: ArchitectureOptions = {},
): Promise<LoadedModel> {
  const config = await readJson(join(directory, CONFIG));
  if (config === undefined) throw badFile(join(directory, CONFIG), 'does not exist');
  const model = architectureFromConfig(config, options);
  const generationConfig = await readJson(join(directory, 'generation_config.json'));
  const params = await loadParameters(directory, model, backend);
  const isObject = typeof generationConfig === 'object' && !Array.isArray(generationConfig);
  return {
    model,
    params,
    generationConfig: isObject
      ? ((generationConfig as { [key: string]: Json }) ?? undefined)
      : undefined,
  };
}

/** One tensor of a file that is a parameter of the model. */
interface Found {
  readonly file: string;
  /** Its name in the file. */
  readonly stored: string;
  readonly shape: Shape;
  readonly dtype: string;
}

async function loadParameters(
  directory: string,
  model: Transformer,
  backend: Backend,
): Promise<Params> {
  const found = new Map<string, Found>();
  const files = await weightFiles(directory);
  for (const file of files) {
    const { tensors } = await readSafetensorsHeader(file);
    for (const [stored, { shape, dtype }] of tensors) {
      const name = model.checkpointName(stored);
      if (name === undefined) continue;
      const other = found.get(name);
      if (other !== undefined)
        throw badFile(
          file,
          `holds "${stored}", but "${other.stored}" of ${basename(other.file)} is the same parameter`,
        );
      found.set(name, { file, stored, shape, dtype });
    }
  }
  requireMatch(compareParameters(model.parameters, found, FLOATS), directory);

  const loaded = new Map<string, Tensor>();
  try {
    for (const file of files) {
      const own = [...found].filter(([, entry]) => entry.file === file);
      const tensors = await loadSafetensors(file, backend, {
        names: own.map(([, { stored }]) => stored),
      });
      for (const [name, { stored }] of own) loaded.set(name, tensors[stored]);
    }
  } catch (error) {
    for (const tensor of loaded.values()) tensor.dispose();
    throw error;
  }
  return Object.fromEntries([...model.parameters.keys()].map((name) => [name, loaded.get(name)!]));
}

/** The safetensors files of a folder: one, or the shards that the index names. */
async function weightFiles(directory: string): Promise<string[]> {
  if (await exists(join(directory, WEIGHTS))) return [join(directory, WEIGHTS)];
  const path = join(directory, INDEX);
  const index = await readJson(path);
  if (index === undefined) {
    const pickled = await exists(join(directory, 'pytorch_model.bin'));
    throw badFile(
      join(directory, WEIGHTS),
      `does not exist${pickled ? ': there is only pytorch_model.bin, which can run code when opened. Convert it with transformers (save_pretrained)' : `, nor does ${INDEX}`}`,
    );
  }
  const map =
    typeof index === 'object' && index !== null && 'weight_map' in index
      ? index.weight_map
      : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw badFile(path, 'has no object "weight_map"');
  const names = new Set(Object.values(map));
  return [...names].map((name) => {
    // A plain file name: an index must not reach out of its folder.
    if (typeof name !== 'string' || !/^[\w][\w.-]*\.safetensors$/.test(name))
      throw badFile(
        path,
        `names the shard ${JSON.stringify(name)}, which is not a plain file name`,
      );
    return join(directory, name);
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
