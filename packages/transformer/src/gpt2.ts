import type { Json, Params, Tensor, TokenInput } from '@heddle/core';
import { add, linear } from '@heddle/tensor';
import { attendPacked, splitHeads } from './attention.js';
import { ConfigReader } from './config.js';
import { around, type Dense, dense, denseParameters, drop } from './dense.js';
import { lookUp, rowsOf } from './embedding.js';
import { languageModel, type Transformer, type TransformerOptions } from './language-model.js';
import { ACTIVATIONS, type Activation, mlp } from './mlp.js';
import { norm, normParameters } from './norm.js';
import { type ParameterSpec, type ParameterSpecs, parameter } from './parameters.js';
import type { Pass } from './pass.js';

/** config.json of `model_type: "gpt2"`; other keys of such files are taken as the README says. */
export interface Gpt2Config {
  /** Default 50257. */
  readonly vocab_size?: number;
  /** Longest context. Default 1024. */
  readonly n_positions?: number;
  /** Default 768. */
  readonly n_embd?: number;
  /** Default 12. */
  readonly n_layer?: number;
  /** Default 12. */
  readonly n_head?: number;
  /** Width of the feed-forward layer. Default 4 n_embd. */
  readonly n_inner?: number | null;
  /** Default 'gelu_new'. */
  readonly activation_function?: Activation;
  /** Dropout of embeddings, attention weights and residuals, in training. Default 0.1 each. */
  readonly embd_pdrop?: number;
  readonly attn_pdrop?: number;
  readonly resid_pdrop?: number;
  /** Default 1e-5. */
  readonly layer_norm_epsilon?: number;
  /** Standard deviation of fresh weights. Default 0.02. */
  readonly initializer_range?: number;
  /** The output layer is the token embedding. Default true. */
  readonly tie_word_embeddings?: boolean;
  readonly [key: string]: Json | undefined;
}

/**
 * GPT-2 (Radford et al. 2019): learned positions, norm before attention and feed-forward, GELU.
 *
 * @throws `transformer/config` for an unknown key or a value out of bounds
 */
export function gpt2(config: Gpt2Config, options: TransformerOptions = {}): Transformer {
  const reader = new ConfigReader('gpt2', config);
  const s = readSizes(reader);
  const parameters = gpt2Parameters(s);
  return languageModel(
    {
      config: reader.finish('GPT2LMHeadModel'),
      vocabSize: s.vocabSize,
      contextLength: s.contextLength,
      hiddenSize: s.width,
      causal: true,
      layers: s.layers,
      blockPrefix: 'transformer.h.',
      parameters,
      checkpointName: (name) => checkpointName(name, s.tied),
      cache: { layers: s.layers, groups: s.heads, headDim: s.width / s.heads },
      embed: (params, input, pass) => embed(s, params, input, pass),
      block: (params, layer, x, pass) => block(s, params, layer, x, pass),
      finish: (params, x) => norm(params, 'transformer.ln_f', x, s.epsilon),
      logits: (params, hidden) =>
        linear(hidden, parameter(params, s.tied ? 'transformer.wte.weight' : 'lm_head.weight'), {
          transposeWeight: true,
        }),
    },
    options,
  );
}

type Sizes = ReturnType<typeof readSizes>;

function readSizes(reader: ConfigReader) {
  reader.only('scale_attn_weights', true);
  reader.only('scale_attn_by_inverse_layer_idx', false);
  reader.only('add_cross_attention', false);
  // The first changes rounding in half precision only, n_ctx repeats n_positions, the rest is for other heads.
  reader.ignore('reorder_and_upcast_attn', 'n_ctx', 'summary_type', 'summary_use_proj');
  reader.ignore('summary_activation', 'summary_proj_to_labels', 'summary_first_dropout');
  const width = reader.integer('n_embd', 768);
  const heads = reader.integer('n_head', 12);
  if (width % heads !== 0) reader.refuse('n_head', `must divide n_embd, ${width}`);
  return {
    vocabSize: reader.integer('vocab_size', 50257, { max: 2 ** 24 }),
    contextLength: reader.integer('n_positions', 1024, { max: 2 ** 24 }),
    width,
    heads,
    layers: reader.integer('n_layer', 12, { max: 1000 }),
    inner: reader.integer('n_inner', 4 * width, { max: 4_000_000 }),
    activation: reader.choice('activation_function', 'gelu_new', ACTIVATIONS),
    embeddingDropout: reader.number('embd_pdrop', 0.1, { max: 0.99 }),
    attentionDropout: reader.number('attn_pdrop', 0.1, { max: 0.99 }),
    residualDropout: reader.number('resid_pdrop', 0.1, { max: 0.99 }),
    epsilon: reader.number('layer_norm_epsilon', 1e-5),
    std: reader.number('initializer_range', 0.02),
    tied: reader.boolean('tie_word_embeddings', true),
  };
}

/** GPT-2 keeps its linear weights [in, out], as its Conv1D does. */
const conv1d = (name: string): Dense => ({ name, bias: true, layout: 'in-out' });

function gpt2Parameters(s: Sizes): ParameterSpecs {
  // Two layers a block add to the residual stream: their weights begin smaller, so that it does not grow.
  const residualStd = s.std / Math.sqrt(2 * s.layers);
  const specs: [string, ParameterSpec][] = [
    ['transformer.wte.weight', { shape: [s.vocabSize, s.width], initial: { std: s.std } }],
    ['transformer.wpe.weight', { shape: [s.contextLength, s.width], initial: { std: s.std } }],
  ];
  for (let layer = 0; layer < s.layers; layer++) {
    const at = `transformer.h.${layer}`;
    specs.push(
      ...normParameters(`${at}.ln_1`, s.width),
      ...denseParameters(conv1d(`${at}.attn.c_attn`), s.width, 3 * s.width, s.std),
      ...denseParameters(conv1d(`${at}.attn.c_proj`), s.width, s.width, residualStd),
      ...normParameters(`${at}.ln_2`, s.width),
      ...denseParameters(conv1d(`${at}.mlp.c_fc`), s.width, s.inner, s.std),
      ...denseParameters(conv1d(`${at}.mlp.c_proj`), s.inner, s.width, residualStd),
    );
  }
  specs.push(...normParameters('transformer.ln_f', s.width));
  if (!s.tied)
    specs.push(['lm_head.weight', { shape: [s.vocabSize, s.width], initial: { std: s.std } }]);
  return new Map(specs);
}

function embed(s: Sizes, params: Params, input: TokenInput, pass: Pass): Tensor {
  const table = parameter(params, 'transformer.wpe.weight'); // [C, E]
  const positions =
    input.positions === undefined
      ? rowsOf(table, pass.start, pass.length) // [T, E], the same for all rows
      : lookUp(table, input.positions); // [B, T, E]
  const tokens = lookUp(parameter(params, 'transformer.wte.weight'), input.ids); // [B, T, E]
  return drop(add(tokens, positions), s.embeddingDropout, 'embedding', pass);
}

function block(s: Sizes, params: Params, layer: number, x: Tensor, pass: Pass): Tensor {
  const at = `transformer.h.${layer}`;
  const rate = s.residualDropout;
  const before = norm(params, `${at}.ln_1`, x, s.epsilon);
  x = around(x, (residual) => attention(s, params, layer, before, pass, residual), {
    rate,
    place: `${at}.attn`,
    pass,
  });
  const inner = norm(params, `${at}.ln_2`, x, s.epsilon);
  const [up, down] = [conv1d(`${at}.mlp.c_fc`), conv1d(`${at}.mlp.c_proj`)];
  return around(x, (residual) => mlp(params, up, down, s.activation, inner, residual), {
    rate,
    place: `${at}.mlp`,
    pass,
  });
}

/** x and residual: [B, T, E] -> [B, T, E] */
function attention(
  s: Sizes,
  params: Params,
  layer: number,
  x: Tensor,
  pass: Pass,
  residual: Tensor | undefined,
): Tensor {
  const at = `transformer.h.${layer}.attn`;
  const qkv = splitHeads(dense(params, conv1d(`${at}.c_attn`), x), 3 * s.heads); // [B, T, 3 H, D]
  const mixed = attendPacked(qkv, s.heads, pass, {
    layer,
    causal: true,
    dropout: s.attentionDropout,
  });
  return dense(params, conv1d(`${at}.c_proj`), mixed, residual);
}

/** Checkpoints of the bare model lack the prefix; some carry the causal mask, or the tied head again. */
function checkpointName(name: string, tied: boolean): string | undefined {
  if (/(^|\.)h\.\d+\.attn\.(masked_)?bias$/.test(name)) return undefined;
  if (name === 'lm_head.weight') return tied ? undefined : name;
  return name.startsWith('transformer.') ? name : `transformer.${name}`;
}
