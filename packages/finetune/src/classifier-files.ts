import { join } from 'node:path';
import {
  type Backend,
  HeddleError,
  type Json,
  type LanguageModel,
  type Params,
  type Tokenizer,
} from '@heddle/core';
import { loadSafetensors, saveSafetensors } from '@heddle/tensor/safetensors';
import { type Classifier, classifier, HEAD, isUnused, type Pooling } from './classifier.js';
import { badFile, folder, readJsonObject, writeJsonObject } from './json-file.js';
import { isAdapter } from './lora.js';

/** Families whose Hugging Face class for classification has this very head. */
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['gpt2', 'GPT2ForSequenceClassification'],
  ['llama', 'LlamaForSequenceClassification'],
  ['mistral', 'MistralForSequenceClassification'],
  ['qwen2', 'Qwen2ForSequenceClassification'],
  ['qwen3', 'Qwen3ForSequenceClassification'],
]);

/** Our key in config.json; Hugging Face ignores it. */
const POOLING = '_classifier_pooling';

/**
 * Saves a classifier as a Hugging Face model folder: `config.json` with the labels,
 * `model.safetensors`, and `tokenizer.json` if given. GPT-2, Llama and its kin with pooling `last`
 * open in transformers as `...ForSequenceClassification`.
 *
 * Errors: `invalid-argument` for adapters that are not merged, `io`.
 */
export async function saveClassifier(
  directory: string,
  options: { classifier: Classifier; params: Params; tokenizer?: Tokenizer },
): Promise<void> {
  const { classifier, params, tokenizer } = options;
  const adapter = Object.keys(params).find(isAdapter);
  if (adapter !== undefined) {
    throw new HeddleError(
      'invalid-argument',
      `The parameters hold the adapter "${adapter}". Merge adapters before saving (mergeLora), or save them alone (saveAdapters).`,
      { argument: 'params', given: adapter },
    );
  }
  const used = Object.entries(params).filter(([name]) => !isUnused(name));
  const path = await folder(directory);
  await saveSafetensors(path('model.safetensors'), Object.fromEntries(used), {
    metadata: { format: 'pt' },
  });
  if (tokenizer !== undefined) await writeJsonObject(path('tokenizer.json'), tokenizer.toJSON());
  await writeJsonObject(path('config.json'), savedConfig(classifier));
}

function savedConfig({ config, pooling }: Classifier): { [key: string]: Json } {
  const { architectures: _, ...rest } = config;
  const name = pooling === 'last' ? ARCHITECTURES.get(String(config.model_type)) : undefined;
  // transformers finds a text's last token by the padding's id, and refuses batches without one.
  const padding = config.pad_token_id ?? config.eos_token_id ?? null;
  return {
    ...rest,
    ...(name === undefined ? {} : { architectures: [name] }),
    problem_type: 'single_label_classification',
    pad_token_id: Array.isArray(padding) ? padding[0] : padding,
    [POOLING]: pooling,
  };
}

export interface LoadClassifierOptions {
  /** Makes the model that a config describes, e.g. `architectureFromConfig` of `@heddle/transformer`. */
  readonly architecture: (config: { readonly [key: string]: Json }) => LanguageModel;
}

/**
 * Loads what `saveClassifier` wrote, or a Hugging Face classifier with the same head.
 * Errors: `io`; `bad-file` for labels or a head that do not fit; what `architecture` throws.
 */
export async function loadClassifier(
  directory: string,
  backend: Backend,
  { architecture }: LoadClassifierOptions,
): Promise<{ classifier: Classifier; params: Params }> {
  const configPath = join(directory, 'config.json');
  const {
    [POOLING]: pooling,
    id2label,
    label2id,
    num_labels,
    problem_type,
    ...config
  } = await readJsonObject(configPath);
  const labels = readLabels(configPath, id2label);
  if (pooling !== undefined && !['last', 'first', 'mean'].includes(String(pooling))) {
    throw badFile(configPath, `its ${POOLING} is ${JSON.stringify(pooling)}`);
  }
  const model = architecture(config);
  const loaded = classifier(model, { labels, pooling: pooling as Pooling | undefined });
  const path = join(directory, 'model.safetensors');
  const params = await loadSafetensors(path, backend);
  const head = Object.hasOwn(params, HEAD) ? params[HEAD].shape.join(', ') : 'missing';
  if (head !== `${labels.length}, ${model.hiddenSize}`) {
    for (const t of Object.values(params)) t.dispose();
    throw badFile(
      path,
      `its ${HEAD} is ${head === 'missing' ? head : `[${head}]`}; ${labels.length} labels of this model need [${labels.length}, ${model.hiddenSize}]`,
    );
  }
  return { classifier: loaded, params };
}

/** The labels in order of their ids, which must be 0, 1, … */
function readLabels(path: string, id2label: Json | undefined): readonly string[] {
  if (typeof id2label !== 'object' || id2label === null || Array.isArray(id2label)) {
    throw badFile(path, 'it has no id2label');
  }
  const given = new Map(Object.entries(id2label));
  return Array.from({ length: given.size }, (_, id) => {
    const label = given.get(String(id));
    if (typeof label === 'string') return label;
    throw badFile(
      path,
      `its id2label does not name the labels 0 to ${given.size - 1} with strings`,
    );
  });
}
