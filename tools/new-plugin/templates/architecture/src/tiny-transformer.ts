import {
  type Context,
  fold,
  HeddleError,
  type LanguageModel,
  type Params,
  type RngKey,
  type Tensor,
  type TokenInput,
} from '@heddle/core';
import { add, embedding, iota, matmul, normal, ones, rmsNorm } from '@heddle/tensor';
import { attend, feedForward } from './block.js';

/** What the checkpoint's config.json holds. */
export type TinyTransformerConfig = {
  readonly vocab_size: number;
  readonly context_length: number;
  /** E. */
  readonly hidden_size: number;
  readonly layers: number;
  /** H, a divisor of E. */
  readonly heads: number;
};

/**
 * A causal Transformer (Vaswani et al. 2017) with the norm before each part (Xiong et al. 2020), learned
 * positions, and the embeddings as output matrix (Press & Wolf 2017).
 */
export function tinyTransformer(config: TinyTransformerConfig): LanguageModel {
  checkConfig(config);
  const { vocab_size, context_length, hidden_size, layers, heads } = config;
  const model: LanguageModel = {
    config: { model_type: 'part-name', ...config },
    vocabSize: vocab_size,
    contextLength: context_length,
    hiddenSize: hidden_size,
    causal: true,
    init: (key, backend) => initialParams(config, key, backend),
    hidden(params, input) {
      let x = embedded(params, input, context_length); // [B, T, E]
      for (let layer = 0; layer < layers; layer++) {
        const own = (name: string): Tensor => params[`layers.${layer}.${name}`];
        x = add(x, attend(rmsNorm(x, own('attention.norm')), own, heads, input.segments));
        x = add(x, feedForward(rmsNorm(x, own('mlp.norm')), own));
      }
      return rmsNorm(x, params.norm);
    },
    logits: (params, hidden) => matmul(hidden, params.tokens, { transposeB: true }),
    apply: (params, input, context) => model.logits(params, model.hidden(params, input, context)),
  };
  return model;
}

/** Every parameter by its name in a checkpoint. */
function initialParams(
  { vocab_size, context_length, hidden_size: e, layers }: TinyTransformerConfig,
  key: RngKey,
  backend: Context['backend'],
): Params {
  const params: Record<string, Tensor> = {};
  const matrix = (name: string, rows: number, columns: number, inner: number): void => {
    const std = 1 / Math.sqrt(inner);
    params[name] = normal(backend, fold(key, name), [rows, columns], { std });
  };
  matrix('tokens', vocab_size, e, e);
  matrix('positions', context_length, e, e);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `layers.${layer}`;
    params[`${prefix}.attention.norm`] = ones(backend, [e]);
    matrix(`${prefix}.attention.qkv`, e, 3 * e, e);
    matrix(`${prefix}.attention.out`, e, e, e);
    params[`${prefix}.mlp.norm`] = ones(backend, [e]);
    matrix(`${prefix}.mlp.up`, e, 4 * e, e);
    matrix(`${prefix}.mlp.down`, 4 * e, e, 4 * e);
  }
  params.norm = ones(backend, [e]);
  return params;
}

/** The sum of each token's and each position's vector: [B, T, E]. */
function embedded(params: Params, { ids, positions }: TokenInput, context: number): Tensor {
  const length = ids.shape[1];
  if (length > context) throw invalid('ids', length, `at most ${context} tokens a row`);
  const places = positions ?? iota(ids.backend, length);
  return add(embedding(params.tokens, ids), embedding(params.positions, places));
}

function checkConfig(config: TinyTransformerConfig): void {
  for (const [name, value] of Object.entries(config)) {
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, value, 'a whole number');
  }
  const { hidden_size, heads } = config;
  if (hidden_size % heads !== 0) throw invalid('heads', heads, `a divisor of ${hidden_size}`);
}

function invalid(argument: string, given: number, wanted: string): HeddleError {
  const message = `tinyTransformer: ${argument} cannot be ${given}; it must be ${wanted}.`;
  return new HeddleError('invalid-argument', message, { argument, given });
}
