import type { Json, Params, Tensor } from '@heddle/core';
import { linear, rope } from '@heddle/tensor';
import { attend, splitHeads } from './attention.js';
import { ConfigReader } from './config.js';
import { type Dense, dense, denseParameters } from './dense.js';
import { lookUp } from './embedding.js';
import { languageModel, type Transformer, type TransformerOptions } from './language-model.js';
import { gatedMlp } from './mlp.js';
import { rootMeanSquareNorm } from './norm.js';
import { type ParameterSpec, type ParameterSpecs, parameter } from './parameters.js';
import type { Pass } from './pass.js';
import { inverseFrequencies, readRope, ropeTables } from './rope.js';

/** config.json of `model_type: "llama"`; other keys of such files are taken as the README says. */
export interface LlamaConfig {
  /** Default 32000. */
  readonly vocab_size?: number;
  /** Default 4096. */
  readonly hidden_size?: number;
  /** Width of the feed-forward layer. Default 11008. */
  readonly intermediate_size?: number;
  /** Default 32. */
  readonly num_hidden_layers?: number;
  /** Default 32. */
  readonly num_attention_heads?: number;
  /** Groups of keys and values that heads share. Default: one for each head. */
  readonly num_key_value_heads?: number | null;
  /** Default hidden_size / num_attention_heads. */
  readonly head_dim?: number | null;
  /** Longest context. Default 2048. */
  readonly max_position_embeddings?: number;
  /** Default 1e-6. */
  readonly rms_norm_eps?: number;
  /** Base of the rotary frequencies. Default 10000. */
  readonly rope_theta?: number;
  /** As transformers before 5 writes it; rope_type 'default', 'linear' or 'llama3'. */
  readonly rope_scaling?: { readonly [key: string]: Json } | null;
  /** As transformers 5 writes it, `rope_theta` included. */
  readonly rope_parameters?: { readonly [key: string]: Json } | null;
  /** Biases in the attention and feed-forward layers. Default false. */
  readonly attention_bias?: boolean;
  readonly mlp_bias?: boolean;
  /** Dropout of the attention weights in training. Default 0. */
  readonly attention_dropout?: number;
  /** Standard deviation of fresh weights. Default 0.02. */
  readonly initializer_range?: number;
  /** The output layer is the token embedding. Default false. */
  readonly tie_word_embeddings?: boolean;
  readonly [key: string]: Json | undefined;
}

/**
 * Llama (Touvron et al. 2023; Grattafiori et al. 2024): rotary positions, grouped-query attention,
 * RMSNorm before attention and feed-forward, SwiGLU.
 *
 * @throws `transformer/config` for an unknown key or a value out of bounds
 */
export function llama(config: LlamaConfig, options: TransformerOptions = {}): Transformer {
  const reader = new ConfigReader('llama', config);
  const s = readSizes(reader);
  const frequencies = inverseFrequencies(s.rope, s.headDim);
  return languageModel(
    {
      config: reader.finish('LlamaForCausalLM'),
      vocabSize: s.vocabSize,
      contextLength: s.contextLength,
      hiddenSize: s.width,
      causal: true,
      layers: s.layers,
      blockPrefix: 'model.layers.',
      parameters: llamaParameters(s),
      checkpointName: (name) => checkpointName(name, s.tied),
      cache: { layers: s.layers, groups: s.groups, headDim: s.headDim },
      constants: ({ positions }, { context, start, length }) =>
        ropeTables(context.backend, frequencies, positions ?? { start, length }),
      embed: (params, { ids }) => lookUp(parameter(params, 'model.embed_tokens.weight'), ids),
      block: (params, layer, x, pass) => block(s, params, layer, x, pass),
      finish: (params, x) => rootMeanSquareNorm(params, 'model.norm', x, s.epsilon),
      logits: (params, hidden) =>
        linear(hidden, parameter(params, s.tied ? 'model.embed_tokens.weight' : 'lm_head.weight'), {
          transposeWeight: true,
        }),
    },
    options,
  );
}

type Sizes = ReturnType<typeof readSizes>;

function readSizes(reader: ConfigReader) {
  reader.only('hidden_act', 'silu');
  reader.only('pretraining_tp', 1);
  const width = reader.integer('hidden_size', 4096);
  const heads = reader.integer('num_attention_heads', 32);
  if (width % heads !== 0)
    reader.refuse('num_attention_heads', `must divide hidden_size, ${width}`);
  const groups = reader.integer('num_key_value_heads', heads);
  if (heads % groups !== 0)
    reader.refuse('num_key_value_heads', `must divide num_attention_heads, ${heads}`);
  const headDim = reader.integer('head_dim', width / heads);
  if (headDim % 2 !== 0) reader.refuse('head_dim', 'must be even: rotary embeddings turn pairs');
  const contextLength = reader.integer('max_position_embeddings', 2048, { max: 2 ** 24 });
  return {
    vocabSize: reader.integer('vocab_size', 32000, { max: 2 ** 24 }),
    contextLength,
    width,
    heads,
    groups,
    headDim,
    inner: reader.integer('intermediate_size', 11008, { max: 4_000_000 }),
    layers: reader.integer('num_hidden_layers', 32, { max: 1000 }),
    epsilon: reader.number('rms_norm_eps', 1e-6),
    rope: readRope(reader, contextLength),
    attentionBias: reader.boolean('attention_bias', false),
    mlpBias: reader.boolean('mlp_bias', false),
    attentionDropout: reader.number('attention_dropout', 0, { max: 0.99 }),
    std: reader.number('initializer_range', 0.02),
    tied: reader.boolean('tie_word_embeddings', false),
  };
}

/** The linear layers of one block. */
function denses(s: Sizes, layer: number) {
  const attention = (name: string): Dense => ({
    name: `model.layers.${layer}.self_attn.${name}`,
    bias: s.attentionBias,
    layout: 'out-in',
  });
  const feedForward = (name: string): Dense => ({
    name: `model.layers.${layer}.mlp.${name}`,
    bias: s.mlpBias,
    layout: 'out-in',
  });
  return {
    q: attention('q_proj'),
    k: attention('k_proj'),
    v: attention('v_proj'),
    o: attention('o_proj'),
    gate: feedForward('gate_proj'),
    up: feedForward('up_proj'),
    down: feedForward('down_proj'),
  };
}

function llamaParameters(s: Sizes): ParameterSpecs {
  const gain: ParameterSpec = { shape: [s.width], initial: 'ones' };
  const table: ParameterSpec = { shape: [s.vocabSize, s.width], initial: { std: s.std } };
  const specs: [string, ParameterSpec][] = [['model.embed_tokens.weight', table]];
  for (let layer = 0; layer < s.layers; layer++) {
    const { q, k, v, o, gate, up, down } = denses(s, layer);
    specs.push(
      [`model.layers.${layer}.input_layernorm.weight`, gain],
      ...denseParameters(q, s.width, s.heads * s.headDim, s.std),
      ...denseParameters(k, s.width, s.groups * s.headDim, s.std),
      ...denseParameters(v, s.width, s.groups * s.headDim, s.std),
      ...denseParameters(o, s.heads * s.headDim, s.width, s.std),
      [`model.layers.${layer}.post_attention_layernorm.weight`, gain],
      ...denseParameters(gate, s.width, s.inner, s.std),
      ...denseParameters(up, s.width, s.inner, s.std),
      ...denseParameters(down, s.inner, s.width, s.std),
    );
  }
  specs.push(['model.norm.weight', gain]);
  if (!s.tied) specs.push(['lm_head.weight', table]);
  return new Map(specs);
}

function block(s: Sizes, params: Params, layer: number, x: Tensor, pass: Pass): Tensor {
  const at = `model.layers.${layer}`;
  const before = rootMeanSquareNorm(params, `${at}.input_layernorm`, x, s.epsilon);
  x = attention(s, params, layer, before, x, pass);
  const inner = rootMeanSquareNorm(params, `${at}.post_attention_layernorm`, x, s.epsilon);
  return gatedMlp(params, denses(s, layer), inner, x);
}

/** x, residual: [B, T, E] -> [B, T, E] */
function attention(
  s: Sizes,
  params: Params,
  layer: number,
  x: Tensor,
  residual: Tensor,
  pass: Pass,
): Tensor {
  const { q, k, v, o } = denses(s, layer);
  const { cos, sin } = pass.constants;
  const queries = rope(splitHeads(dense(params, q, x), s.heads), cos, sin); // [B, T, H, D]
  const keys = rope(splitHeads(dense(params, k, x), s.groups), cos, sin); // [B, T, G, D]
  const values = splitHeads(dense(params, v, x), s.groups); // [B, T, G, D]
  const options = { layer, causal: true, dropout: s.attentionDropout };
  return dense(params, o, attend(queries, keys, values, pass, options), residual);
}

/** Checkpoints of the bare model lack the prefix; old ones carry the frequencies, tied ones the head. */
function checkpointName(name: string, tied: boolean): string | undefined {
  if (name.endsWith('.rotary_emb.inv_freq')) return undefined;
  if (name === 'lm_head.weight') return tied ? undefined : name;
  return name.startsWith('model.') ? name : `model.${name}`;
}
