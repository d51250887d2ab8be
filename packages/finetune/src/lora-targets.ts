import { HeddleError, type Json, type Params } from '@heddle/core';

/** Whether a weight matrix maps its rows to its columns, [in, out], or the other way, [out, in]. */
export type WeightLayout = 'in-out' | 'out-in';

/** Which weights get an adapter. */
export type LoraTargets = readonly string[] | ((parameter: string) => boolean);

/** GPT-2's linear layers keep their weights as [in, out] ("Conv1D"). */
const CONV1D = ['c_attn', 'c_proj', 'c_fc'];

/** The linear layers of each block, by `model_type`. */
const LINEAR_LAYERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['gpt2', CONV1D],
  ...['llama', 'mistral', 'qwen2', 'qwen3', 'smollm3'].map((type): [string, readonly string[]] => [
    type,
    ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  ]),
  ['bert', ['query', 'key', 'value', 'intermediate.dense', 'output.dense']],
]);

type Config = { readonly [key: string]: Json };

/** `transformer.h.0.attn.c_attn` of `transformer.h.0.attn.c_attn.weight`. */
export function moduleOf(parameter: string): string {
  return parameter.endsWith('.weight') ? parameter.slice(0, -'.weight'.length) : parameter;
}

/**
 * The names of all linear layers in the blocks of a model, from its `model_type`: GPT-2, Llama and
 * its kin, BERT. Throws `finetune/no-target` for other models, whose targets must be given.
 */
export function linearTargets(config: Config): readonly string[] {
  const known = LINEAR_LAYERS.get(String(config.model_type));
  if (known !== undefined) return known;
  throw new HeddleError(
    'finetune/no-target',
    `The linear layers of a model of type "${String(config.model_type)}" are not known. ` +
      'Give LoRA its targets: names (or ends of names) of modules.',
    { targets: [], modules: [] },
  );
}

/** How the model of this config keeps its matrices. */
export function layoutOf(config: Config): (parameter: string) => WeightLayout {
  const type = String(config.model_type);
  if (!LINEAR_LAYERS.has(type)) {
    throw new HeddleError(
      'finetune/unknown-layout',
      `It is not known whether a model of type "${type}" keeps its matrices as [in, out] or [out, in]. ` +
        "Give lora the option layout: 'in-out' or 'out-in'.",
      { modelType: type },
    );
  }
  if (type !== 'gpt2') return () => 'out-in';
  return (parameter) =>
    CONV1D.some((name) => moduleOf(parameter).endsWith(`.${name}`)) ? 'in-out' : 'out-in';
}

const isModule = (parameter: string, target: string): boolean =>
  moduleOf(parameter) === target || moduleOf(parameter).endsWith(`.${target}`);

/**
 * The parameters that get an adapter. A string target is a module's name or the end of one behind a
 * dot (as PEFT's `target_modules`), and means its weight matrix; a function is asked about every
 * parameter's full name.
 */
export function targetParameters(params: Params, targets: LoraTargets): readonly string[] {
  const names = Object.keys(params);
  const chosen =
    typeof targets === 'function'
      ? names.filter(targets)
      : names.filter(
          (name) => !name.endsWith('.bias') && targets.some((target) => isModule(name, target)),
        );
  const unused =
    typeof targets === 'function'
      ? []
      : targets.filter((target) => !chosen.some((name) => isModule(name, target)));
  if (chosen.length === 0 || unused.length > 0) throw noTarget(params, unused);
  for (const name of chosen) {
    const { shape } = params[name];
    if (shape.length === 2) continue;
    throw new HeddleError(
      'finetune/not-a-matrix',
      `LoRA was pointed at "${name}" of shape [${shape.join(', ')}], but it adapts matrices only. ` +
        'Leave this parameter out of the targets.',
      { parameter: name, shape },
    );
  }
  return chosen;
}

function noTarget(params: Params, unused: readonly string[]): HeddleError {
  const matrices = Object.keys(params).filter((name) => params[name].shape.length === 2);
  const modules = [...new Set(matrices.map((name) => moduleOf(name).replace(/^.*\.\d+\./, '')))];
  const what = unused.length > 0 ? `[${unused.join(', ')}] name` : 'name';
  return new HeddleError(
    'finetune/no-target',
    `The LoRA targets ${what} no parameter of this model. Its matrices are: ${modules.join(', ')}.`,
    { targets: unused, modules },
  );
}
