import {
  fold,
  HeddleError,
  type LanguageModel,
  type Params,
  type RngKey,
  type Tensor,
} from '@heddle/core';
import { add, matmul, mul, scoped, sub, uniform, zeros } from '@heddle/tensor';
import {
  type LoraTargets,
  layoutOf,
  moduleOf,
  targetParameters,
  type WeightLayout,
} from './lora-targets.js';

export interface LoraOptions {
  /** r: columns and rows of the factors; from 1 to the matrix's smaller side. */
  readonly rank: number;
  /** The adapter is scaled by alpha / rank. Default: 2 · rank. */
  readonly alpha?: number;
  /** Module names or ends of them (`['c_attn', 'mlp.c_proj']`), or a filter of parameter names. */
  readonly targets: LoraTargets;
  /** How the model keeps its matrices. Default: known from `config.model_type`, for GPT-2, Llama and its kin, BERT. */
  readonly layout?: WeightLayout;
}

/** A language model with low-rank adapters beside some of its weights. */
export interface LoraModel extends LanguageModel {
  /** The model without adapters. */
  readonly base: LanguageModel;
  readonly rank: number;
  readonly alpha: number;
  readonly layout: (parameter: string) => WeightLayout;
  /** Fresh adapters for the base's parameters: A random, B zero, so that nothing changes yet. */
  initAdapters(params: Params, key: RngKey): Params;
  /** Whether a parameter is an adapter's: what trains. */
  trainable(parameter: string): boolean;
}

const A = '.lora_A.weight';
const B = '.lora_B.weight';

/** Whether a parameter belongs to a LoRA adapter. */
export const isAdapter = (parameter: string): boolean =>
  parameter.endsWith(A) || parameter.endsWith(B);

/**
 * LoRA (Hu et al. 2021): the same model with W + (alpha / rank) · B A in place of each target W,
 * with A [rank, in] and B [out, rank] in the parameters as `<module>.lora_A.weight` and
 * `<module>.lora_B.weight` (PEFT's names). Works on the parameters, so for any model. Until
 * `initAdapters` is called (or adapters are loaded) the parameters are the base's.
 *
 * The sum is formed anew in each pass; merge the adapters (`mergeLora`) for inference.
 *
 * Errors: `invalid-argument` (rank, alpha), `finetune/unknown-layout`; from `init` and
 * `initAdapters` also `finetune/no-target` and `finetune/not-a-matrix`.
 */
export function lora(model: LanguageModel, options: LoraOptions): LoraModel {
  const { rank, targets } = options;
  const alpha = options.alpha ?? 2 * rank;
  checkPositive('rank', rank, Number.isInteger(rank) && rank >= 1);
  checkPositive('alpha', alpha, Number.isFinite(alpha) && alpha > 0);
  const given = options.layout;
  const layout = given === undefined ? layoutOf(model.config) : () => given;
  const initAdapters = (params: Params, key: RngKey): Params => {
    const names = targetParameters(params, targets);
    return Object.assign(
      {},
      ...names.map((name) => adapter(name, params[name], rank, layout, key)),
    );
  };
  const wrapped: LoraModel = {
    base: model,
    rank,
    alpha,
    layout,
    config: model.config,
    vocabSize: model.vocabSize,
    contextLength: model.contextLength,
    hiddenSize: model.hiddenSize,
    causal: model.causal,
    initAdapters,
    trainable: isAdapter,
    init(key, backend) {
      const params = model.init(key, backend);
      return { ...params, ...initAdapters(params, fold(key, 'lora')) };
    },
    apply: (params, input, context) => model.apply(adapted(wrapped, params), input, context),
    hidden: (params, input, context) => model.hidden(adapted(wrapped, params), input, context),
    logits: (params, hidden) => model.logits(adaptedOnDemand(wrapped, params), hidden),
    ...(model.createCache === undefined
      ? {}
      : { createCache: (cache) => model.createCache!(cache) }),
  };
  return wrapped;
}

function checkPositive(argument: string, given: number, right: boolean): void {
  if (right) return;
  throw new HeddleError(
    'invalid-argument',
    `lora: ${argument} must be a positive ${argument === 'rank' ? 'integer' : 'number'}, not ${given}.`,
    { argument, given },
  );
}

/** A uniform in ±1/sqrt(in) (torch's default for linear layers, as PEFT), B zero. */
function adapter(
  name: string,
  weight: Tensor,
  rank: number,
  layout: LoraModel['layout'],
  key: RngKey,
): Params {
  const { backend, shape } = weight;
  const [inputs, outputs] = layout(name) === 'in-out' ? shape : [shape[1], shape[0]];
  if (rank > Math.min(inputs, outputs)) {
    throw new HeddleError(
      'invalid-argument',
      `lora: rank ${rank} is larger than the smaller side of "${name}" [${shape.join(', ')}]. Give a smaller one.`,
      { argument: 'rank', given: rank },
    );
  }
  const a = scoped(() => {
    const bound = 1 / Math.sqrt(inputs);
    return sub(mul(uniform(backend, fold(key, name), [rank, inputs]), 2 * bound), bound);
  });
  return { [moduleOf(name) + A]: a, [moduleOf(name) + B]: zeros(backend, [outputs, rank]) };
}

/** The parameters that have an adapter in the record, with the base name of its two factors. */
function adaptedParameters(params: Params): { parameter: string; module: string }[] {
  return Object.keys(params)
    .filter((name) => name.endsWith(A))
    .map((name) => {
      const module = name.slice(0, -A.length);
      const parameter = Object.hasOwn(params, `${module}.weight`) ? `${module}.weight` : module;
      const missing = [parameter, module + B].filter((needed) => !Object.hasOwn(params, needed));
      if (missing.length === 0) return { parameter, module };
      throw new HeddleError(
        'finetune/missing-parameter',
        `The record has the adapter "${name}" but not [${missing.join(', ')}]. ` +
          "Give the base's parameters together with the adapters made for them.",
        { missing },
      );
    });
}

/** W + (alpha / rank) · B A, as W lies. */
function effectiveWeight(
  { alpha, rank, layout }: LoraModel,
  params: Params,
  { parameter, module }: { parameter: string; module: string },
): Tensor {
  const a = params[module + A]; // [rank, in]
  const b = mul(params[module + B], alpha / rank); // [out, rank]
  const change =
    layout(parameter) === 'in-out'
      ? matmul(a, b, { transposeA: true, transposeB: true }) // [in, out]
      : matmul(b, a); // [out, in]
  return add(params[parameter], change);
}

/** The base's parameters with the adapters applied. */
function adapted(model: LoraModel, params: Params): Params {
  const weights = adaptedParameters(params).map((at) => [
    at.parameter,
    effectiveWeight(model, params, at),
  ]);
  const base = Object.entries(params).filter(([name]) => !isAdapter(name));
  return { ...Object.fromEntries(base), ...Object.fromEntries(weights) };
}

/** The same, but a sum is formed only when it is looked up: the output layer needs one weight or none. */
function adaptedOnDemand(model: LoraModel, params: Params): Params {
  const view = { ...params };
  for (const at of adaptedParameters(params)) {
    Object.defineProperty(view, at.parameter, {
      enumerable: true,
      get: () => effectiveWeight(model, params, at),
    });
  }
  return view;
}

/**
 * The base's parameters with the adapters added in: `model.base` with these gives the logits that
 * `model` gives with `params`. Weights without adapter are shared with `params`, the others are new
 * tensors (of the current scope, if there is one). Other parameters (a head's) pass through.
 */
export function mergeLora(model: LoraModel, params: Params): Params {
  return scoped(() => adapted(model, params));
}

/** The adapters alone, e.g. to save them. */
export function adaptersOf(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([name]) => isAdapter(name)));
}
